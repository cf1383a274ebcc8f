"""How good found boxes are, and how sure that is; boxes of several trainings made one."""
