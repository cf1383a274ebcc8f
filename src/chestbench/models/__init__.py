"""The networks: a registry, one file a network in `networks/`, and here what their families share."""
