"""What folders' names say: classes, split, sources, patients, masks; or both readings, where two are possible.

From the ground up: `words` in names, `splits`, `patients` and `copies` by them, `readings` of all paths together, and
the `checks` that take one, or stop and show two.
"""
