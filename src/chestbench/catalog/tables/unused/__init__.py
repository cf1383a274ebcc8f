"""What names the pictures and is not used: said, never taken unasked."""
