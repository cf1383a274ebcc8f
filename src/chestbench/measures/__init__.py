"""What probabilities are worth, in numbers."""
