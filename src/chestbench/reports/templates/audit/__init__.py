"""The audit page, and the sentences of the leak audit."""
