"""`chestbench replicate`: a published comparison run again in a clone, and its table beside the paper's."""
