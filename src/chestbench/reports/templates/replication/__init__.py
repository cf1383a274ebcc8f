"""A replication's table beside the paper's."""
