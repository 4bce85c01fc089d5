"""Who and what ties connect: persons, organisations, and matters with their parties."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from conflicts.fact import Fact, Kind, Origin


@dataclass(frozen=True, slots=True)
class Person:
    """A person by opaque id.

    Attributes:
        id: permanent.
        identified: False while no ID number (or other accepted number) has been recorded. Such a person's ties cannot
            be joined to what else is known of them, so they are found excluded (fail closed).
        name: as shown; never compared. May be empty.
    """

    id: str
    identified: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name an organisation bears or bore.

    Attributes:
        name: as written.
        until_on: last day it was the official name, inclusive; None for a short or popular name.
    """

    name: str
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Upper:
    """Another organisation to which one belongs, from and to a day, both inclusive; None is open."""

    id: str
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation by opaque id.

    Attributes:
        id: permanent; a rename changes names, not the id.
        name: the official name now; never compared. May be empty.
        credit_code: the unified social credit code (统一社会信用代码), or empty.
        aliases: earlier and short names.
        parents: superior units with dates.
        successors: organisations that took its place, with the day from which they did.
    """

    id: str
    name: str = ""
    credit_code: str = ""
    aliases: tuple[Alias, ...] = ()
    parents: tuple[Upper, ...] = ()
    successors: tuple[Upper, ...] = ()

    def name_on(self, day: date) -> str:
        """Return the official name borne on a day: the earliest dated alias not yet over, else the name of now."""
        dated = sorted((alias.until_on, alias.name) for alias in self.aliases if alias.until_on is not None)
        return next((name for until_on, name in dated if day <= until_on), self.name)


class Role(StrEnum):
    """What an organisation or a person is to a matter."""

    UNIT = "unit"
    """The undertaking unit (决策承办单位)."""
    PARTY = "party"
    """Somebody whose interests the matter touches directly."""
    MATTER = "matter"
    """The matter itself, to which drafting, assessment and consulting lead."""


@dataclass(frozen=True, slots=True)
class Party:
    """A person or an organisation and its role in a matter."""

    id: str
    role: Role = Role.PARTY


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter and the parties to it. The order of the parties never changes a finding."""

    id: str
    parties: tuple[Party, ...] = ()


def standing_facts(organisation: Organisation, *, source: str = "") -> tuple[Fact, ...]:
    """Turn an organisation's parents and successors into facts.

    Args:
        organisation: whose `parents` become SUPERIOR and whose `successors` become SUCCESSION facts.
        source: opaque reference to the register that says so.

    Returns:
        Facts with ids `<organisation>/parents/<n>` and `<organisation>/successors/<n>`.

    Raises:
        FactRefused: when one cannot be true.
    """
    return tuple(
        Fact(
            id=f"{organisation.id}/{name}/{place}",
            subject=organisation.id,
            kind=kind,
            object=upper.id,
            from_on=upper.from_on,
            to_on=upper.to_on,
            origin=Origin.IMPORTED,
            source=source,
        )
        for name, kind, uppers in (
            ("parents", Kind.SUPERIOR, organisation.parents),
            ("successors", Kind.SUCCESSION, organisation.successors),
        )
        for place, upper in enumerate(uppers)
    )
