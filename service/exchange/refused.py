"""Files that are not read at all, each with a code under which people get a sentence."""

from collections.abc import Mapping


class FileRefused(Exception):
    """The file cannot be or must not be read; nothing of it was used.

    Attributes:
        code: permanent name of the reason.
        facts: parameters of its sentence: sizes, limits, names of sheets.
    """

    def __init__(self, code: str, /, **facts: object) -> None:
        """Keep the code and the parameters of its sentence."""
        super().__init__(code)
        self.code = code
        self.facts: Mapping[str, object] = facts
