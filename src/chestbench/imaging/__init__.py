"""From encoded bytes to uint8 grey images of one size."""
