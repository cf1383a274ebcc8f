"""Measures, intervals, curves and heat maps of a trained network."""
