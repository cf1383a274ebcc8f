"""Train, val and test in the names of folders and files."""
