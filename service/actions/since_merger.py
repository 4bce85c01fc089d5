"""What was done to a record since another one went into it, as the ledger tells it: a parting must leave it alone."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from registry import State
from service import ledger
from service.actions.cases import EVENT_OF
from service.storage.record_mergers import HeldMerger
from service.storage.session import Session

_STATE_OF: Final[Mapping[str, State]] = {event: state for state, event in EVENT_OF.items()}
# A letter takes over what the application says, and lets who had left stand again.
_BY_LETTER: Final = frozenset({"title", "title_level", "fields"})

Standing = tuple[State, date | None]


@dataclass(frozen=True, slots=True)
class SinceMerger:
    """What was done since.

    Attributes:
        corrected: what was entered anew, by the names under which the ledger knows it: `title`, `phone`, `identity`.
        standings: case by which it was so decided, empty for a letter, and how the expert stood from then on; in order.
        appointed: candidates to whom a letter was issued.
    """

    corrected: frozenset[str]
    standings: tuple[tuple[str, Standing], ...]
    appointed: frozenset[str]

    def standing(self, before: Standing, *, by: Collection[str] | None = None, but: Collection[str] = ()) -> Standing:
        """Return how somebody stands who stood so before, by the decisions of some cases, or of all but some."""
        later = [now for case, now in self.standings if (case in by if by is not None else case not in but)]
        return later[-1] if later else before


async def since_merger(session: Session, held: HeldMerger) -> SinceMerger:
    """Return what was done to the record that stayed since a merger."""
    entries = await ledger.stream(session, f"expert:{held.ends.kept_id}")
    first = next(
        place
        for place, entry in enumerate(entries)
        if entry.type == "record.merged" and UUID(entry.body["merger"]) == held.id
    )
    corrected: set[str] = set()
    standings: list[tuple[str, Standing]] = []
    appointed = set()
    for entry in entries[first + 1 :]:
        if entry.type == "expert.changed":
            corrected.update(entry.body["columns"])
        elif entry.type == "letter.issued":
            corrected |= _BY_LETTER
            standings.append(("", (State.ACTIVE, None)))
            appointed.add(entry.body["candidate"])
        elif state := _STATE_OF.get(entry.type):
            since_on = None if state is State.ACTIVE else date.fromisoformat(entry.body["since_on"])
            standings.append((entry.body["case"], (state, since_on)))
    return SinceMerger(frozenset(corrected), tuple(standings), frozenset(appointed))
