"""A reproducible benchmark of chest CT and X-ray classifiers. For research and education, not for diagnosis."""
