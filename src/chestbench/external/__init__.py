"""Sets from elsewhere (evaluate.external), on which trained networks are tried: found, prepared, measured."""
