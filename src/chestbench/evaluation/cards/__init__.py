"""What a reader of a study asks: the model card and the CLAIM checklist, filled from the run's files."""
