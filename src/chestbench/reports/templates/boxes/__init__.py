"""The leaderboard of detectors for the terminal and for MLflow, and their part of a study's report."""
