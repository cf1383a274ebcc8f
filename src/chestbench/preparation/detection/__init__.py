"""The boxes stage: boxes of the stored pictures as boxes of the arrays' pictures."""
