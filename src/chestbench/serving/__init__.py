"""A trained network as MLflow serves it."""
