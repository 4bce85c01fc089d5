"""What the library says about an expert, and what the expert asks it to say instead."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from registry.expert import ExpertField


class ChangeItem(StrEnum):
    """What an expert can ask to have changed; `OTHER` is told in words, such as a degree or a certificate."""

    NAME = "name"
    IDENTITY = "identity"
    PHONE = "phone"
    EMAIL = "email"
    TITLE = "title"
    FIELDS = "fields"
    WORK = "work"
    OTHER = "other"


IDENTIFYING: Final = frozenset({ChangeItem.NAME, ChangeItem.IDENTITY})
"""What says who is meant: asked only with a copy of the identity document, accepted only with a reason."""


@dataclass(frozen=True, slots=True, repr=False)
class Particulars:
    """What is said about an expert on a day.

    Attributes:
        identity: keyed hash of the number, empty while the person is unidentified.
        identity_masked, phone_masked: as pages show them.
        phone: in its normal form.
        fields: main and further ones, in any order.
        unit, post: of the present main work, empty without one.
        from_on: first day of the main work, where it is known.
        left_on: last day of the main work, where no other follows.
        words: what else is asked.
    """

    name: str = ""
    identity: str = ""
    identity_masked: str = ""
    phone: str = ""
    phone_masked: str = ""
    email: str = ""
    title: str = ""
    title_level: str = ""
    fields: tuple[ExpertField, ...] = ()
    unit: str = ""
    post: str = ""
    from_on: date | None = None
    left_on: date | None = None
    words: str = ""

    def about(self, item: ChangeItem) -> object:
        """Return what is said in one respect, to be compared; the first day of work alone is no other work."""
        return {
            ChangeItem.NAME: self.name,
            ChangeItem.IDENTITY: self.identity,
            ChangeItem.PHONE: self.phone,
            ChangeItem.EMAIL: self.email,
            ChangeItem.TITLE: (self.title, self.title_level),
            ChangeItem.FIELDS: frozenset(self.fields),
            ChangeItem.WORK: (self.unit, self.post, self.left_on),
            ChangeItem.OTHER: self.words,
        }[item]


def differing(
    one: Particulars, other: Particulars, items: Collection[ChangeItem] = tuple(ChangeItem)
) -> tuple[ChangeItem, ...]:
    """Return in which respects two say different things, in the order of the items.

    Example:
        >>> differing(Particulars(name="何一", email="a@b.cn"), Particulars(name="何一", email="c@b.cn"))
        (<ChangeItem.EMAIL: 'email'>,)
    """
    return tuple(item for item in ChangeItem if item in items and one.about(item) != other.about(item))
