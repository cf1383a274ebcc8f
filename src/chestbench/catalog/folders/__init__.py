"""What folders' names say: classes, split, sources, patients, masks; or both readings, where two are possible."""
