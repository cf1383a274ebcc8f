"""How MLflow hears of detectors."""
