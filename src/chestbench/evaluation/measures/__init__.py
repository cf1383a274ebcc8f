"""What predictions are worth: measures, their intervals, calibration and thresholds; functions of arrays."""
