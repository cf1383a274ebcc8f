"""One file a network, called as the network; each defines `NETWORK`. No list names them: see `models.registry`."""
