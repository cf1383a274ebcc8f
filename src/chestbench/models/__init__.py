"""The networks: a registry, and one file per family."""
