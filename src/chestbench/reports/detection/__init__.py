"""What is said of a detector."""
