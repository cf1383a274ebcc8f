"""The one exception that users are meant to read."""


class ChestbenchError(Exception):
    """A mistake in input, parameters or surroundings, told in one sentence.

    The message says what was expected, what was received and what to do. Stages print it without a
    traceback and exit with status 1; any other exception is a defect of this program and keeps its traceback.
    """
