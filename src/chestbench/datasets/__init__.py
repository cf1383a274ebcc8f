"""Where images come from: one file per source, one interface (base.py)."""
