"""results/report.html: a whole study as one file that needs nothing else."""
