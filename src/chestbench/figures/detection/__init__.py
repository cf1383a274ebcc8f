"""Boxes over pictures, and the curves of detectors."""
