"""Where in each path the class stands, decided from all paths together; or both readings."""
