"""Pictures from anywhere through a trained detector."""
