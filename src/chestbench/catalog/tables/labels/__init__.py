"""dataset.labels: the classes, patients and strata that a run takes from tables and paths."""
