"""Templates: one folder a document. Each is a package, so that a stage reaches only the words that it writes."""
