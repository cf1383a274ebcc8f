"""One grey scale for a data set: what its files declare, and what is chosen from that."""
