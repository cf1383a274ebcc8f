"""The audit of an archive: every image once, in one table (catalog.py), and what it found in pictures (report.py)."""
