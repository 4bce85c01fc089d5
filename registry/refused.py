"""What goes wrong in the library, as one base error with a code and facts."""

from collections.abc import Mapping
from types import MappingProxyType


class RegistryError(Exception):
    """Base of every refusal of the expert library.

    Attributes:
        code: permanent name of what is wrong; the sentence people read stands in the catalogues under it.
        facts: parameters of that sentence: lengths, positions, codes; never personal data.
    """

    def __init__(self, code: str, /, **facts: object) -> None:
        """Keep the code and the parameters of its sentence."""
        super().__init__(code)
        self.code = code
        self.facts: Mapping[str, object] = MappingProxyType(facts)


class ValueRefused(RegistryError):
    """A typed value cannot be what it is given as; nothing was guessed."""


class TermRefused(RegistryError):
    """The days of a term cannot stand."""
