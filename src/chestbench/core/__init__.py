"""What every stage shares: parameters, errors, files, words."""
