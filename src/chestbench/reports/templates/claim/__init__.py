"""The CLAIM checklist, a file for each group of items."""
