"""The model card of a detector."""
