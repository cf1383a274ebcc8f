"""The reading that is taken, and classes that a person would ask about: one in two names, none, of another kind."""
