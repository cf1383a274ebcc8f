"""Pictures of results: curves, confusion, calibration, heat maps, a drawing of the network."""
