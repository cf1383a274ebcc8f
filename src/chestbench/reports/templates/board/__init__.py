"""The leaderboard for the terminal and for MLflow, and the sentences under it."""
