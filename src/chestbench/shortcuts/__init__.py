"""What tells the class without the lungs."""
