"""What all pages share: the style, and the script that sorts tables and tells the values of curves."""
