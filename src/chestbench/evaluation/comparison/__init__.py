"""Networks side by side: paired tests, seeds, baselines and the leaderboard."""
