"""Columns: which names the pictures, and which picture each of its cells means; 0 and 1; what was left out."""
