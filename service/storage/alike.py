"""Organisations whose names are alike: a hint for a person to settle, never a ground for matching."""

import asyncio
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Final
from uuid import UUID

from sqlalchemy import literal, select, union_all

from registry import comparable
from service.ids import new_id
from service.storage.rows.alike import AlikeRow
from service.storage.rows.library import OrganisationNameRow, OrganisationRow
from service.storage.session import Session

VERDICTS: Final = ("same", "different")
PAIRS_AT_MOST: Final = 500
"""Pairs shown at once; settling some brings the next."""
NAMES_A_KEY: Final = 20
"""More organisations than this under one key say that the key is a word of the trade, not a name."""
_MARKS = re.compile(r"[\W_]+")
_PLACE = re.compile(r"^[^省市县区]{1,8}(?:省|市|县|区)(?=..)")
_FORM = re.compile(r"(?:有限责任公司|股份有限公司|集团有限公司|有限公司|公司)$")


@dataclass(frozen=True, slots=True)
class AlikePair:
    """Two organisations with names that are alike, ordered by id.

    Attributes:
        first_name, second_name: present names.
        names: digest of both, under which the pair is settled.
        shared: what the two names have in common.
    """

    first_id: UUID
    first_name: str
    second_id: UUID
    second_name: str
    names: str
    shared: str


@dataclass(frozen=True, slots=True)
class AlikeNames:
    """Which organisations have names that are alike.

    Attributes:
        pairs: those that nobody has settled under their present names, ordered by name.
        crowded: (what the names have in common, how many organisations) where these are too many to be told apart two
            by two, ordered by name; no pairs of theirs are listed.
    """

    pairs: tuple[AlikePair, ...]
    crowded: tuple[tuple[str, int], ...]


def likeness_key(name: str) -> str:
    """Return a name without width, case, punctuation, place in front and form of company behind."""
    bare = _MARKS.sub("", comparable(name))
    short = _FORM.sub("", _PLACE.sub("", bare))
    return short if len(short) > 1 else bare


def names_digest(first: str, second: str) -> str:
    """Return the digest of two present names, in the order of the ids."""
    return hashlib.sha256(f"{first}\n{second}".encode()).hexdigest()


async def alike_pairs(session: Session) -> tuple[AlikePair, ...]:
    """Return the pairs that nobody has settled under their present names, ordered by name."""
    return (await alike_names(session)).pairs


async def alike_names(session: Session) -> AlikeNames:
    """Return the pairs that nobody has settled, and the groups too large to be listed in pairs.

    Organisations that ended are left out. The cost grows with the number of names: they are grouped by their key.
    """
    standing = OrganisationRow.ended_on.is_(None)
    rows = await session.execute(
        union_all(
            select(OrganisationRow.id, OrganisationRow.name, literal(True).label("present")).where(standing),
            select(OrganisationNameRow.organisation_id, OrganisationNameRow.name, literal(False))
            .join(OrganisationRow, OrganisationRow.id == OrganisationNameRow.organisation_id)
            .where(standing),
        )
    )
    known = [(id_, name, bool(present)) for id_, name, present in rows]
    found, crowded = await asyncio.to_thread(_paired, known)
    settled = {
        (first, second, names)
        for first, second, names in await session.execute(select(AlikeRow.first_id, AlikeRow.second_id, AlikeRow.names))
    }
    pairs = tuple(one for one in found if (one.first_id, one.second_id, one.names) not in settled)
    return AlikeNames(pairs, crowded)


async def add_settlement(
    session: Session, pair: AlikePair, *, verdict: str, reason: str, salt: bytes, by: UUID, at: datetime
) -> UUID:
    """Write how a pair was settled."""
    row = AlikeRow(
        id=new_id(),
        first_id=pair.first_id,
        second_id=pair.second_id,
        names=pair.names,
        verdict=verdict,
        reason=reason,
        reason_salt=salt,
        by_account_id=by,
        at=at,
    )
    session.add(row)
    await session.flush()
    return row.id


def _paired(known: Iterable[tuple[UUID, str, bool]]) -> tuple[list[AlikePair], tuple[tuple[str, int], ...]]:
    present: dict[UUID, str] = {}
    groups: dict[str, set[UUID]] = defaultdict(set)
    for id_, name, is_present in known:
        if is_present:
            present[id_] = name
        groups[likeness_key(name)].add(id_)
    pairs: dict[tuple[UUID, UUID], AlikePair] = {}
    crowded = tuple(sorted((shared, len(ids)) for shared, ids in groups.items() if len(ids) > NAMES_A_KEY))
    for shared, ids in groups.items():
        if len(ids) > NAMES_A_KEY:
            continue
        for first, second in combinations(sorted(ids), 2):
            names = names_digest(present[first], present[second])
            pairs.setdefault((first, second), AlikePair(first, present[first], second, present[second], names, shared))
    ordered = sorted(pairs.values(), key=lambda one: (one.first_name, one.second_name, one.first_id, one.second_id))
    return ordered, crowded
