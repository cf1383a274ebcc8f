"""The page of two studies."""
