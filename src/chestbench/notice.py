"""What every picture, table and model of this project says of itself."""

NOTICE = "for research and education, not for diagnosis"
SYNTHETIC = "synthetic images, no real patient"
