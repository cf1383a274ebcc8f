"""Two studies side by side, as one page."""
