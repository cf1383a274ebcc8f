"""`chestbench grid`: many experiments at a time, each by the real `dvc exp run` in a clone of its own, on Ray."""
