"""Python processes of their own that find what they import imported already: TensorFlow alone takes six seconds.

One process a worker of the tests has imported packages, none of this project, and forks for each command. So a command
is its own process, in its own folder, with its own code; only the packages are those that were imported before. Not for
tests of signals, of memory or of what a first import does: those start Python itself.
"""
