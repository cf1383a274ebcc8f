"""The repository that commands work in: its tree, clones of it, its parameters, and DVC's own files."""
