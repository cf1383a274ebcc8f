"""Training detectors: moving boxes, their targets, and the loop that classifiers have too."""
