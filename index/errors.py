"""The one error that Byline raises for a person to read."""


class BylineError(Exception):
    """Say what went wrong, in which file, field or setting, and what to do about it."""
