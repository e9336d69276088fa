"""The one way the launcher says no: a sentence for a person, an exit status, no traceback."""


class Refusal(Exception):
    """Afterword cannot start as things are; `str()` is one line saying why and what to change."""
