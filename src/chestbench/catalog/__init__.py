"""What is in an archive: one row for each image, and what must not cross splits."""
