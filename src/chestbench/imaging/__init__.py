"""From the bytes of an image file to uint8 grey pixels, and pictures of them. OpenCV and numpy only."""
