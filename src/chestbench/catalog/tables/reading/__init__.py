"""Tables as texts: what programs write, sheets, encodings, headers, and tables that belong together."""
