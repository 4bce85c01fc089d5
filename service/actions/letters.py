"""Printing letters of appointment: what goes onto paper, and the note that it did."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from service.access import Viewer, require
from service.actions.act import Act
from service.documents.letters import LetterSheet, letters_pdf
from service.documents.typesetting import NotSettable
from service.problems import NotFound, Refusal, Refused
from service.storage.batches import load_batch
from service.storage.letters import count_prints, letters_on
from service.storage.session import Session


async def prepare_letters(
    session: Session, viewer: Viewer, batch_id: UUID, *, candidate_id: UUID | None, years: int
) -> tuple[LetterSheet, ...]:
    """Return the letters of a list, or of one person on it, as they go onto paper.

    A letter that was printed before says that it is printed again.

    Args:
        session: a reading session; setting the letters takes longer than a unit of work may last.
        viewer: who prints.
        batch_id: the list.
        candidate_id: one person on it, or None for all.
        years: length of a term.

    Raises:
        NotFound: when there is no such list, or no letter on it yet.

    Source: A24.
    """
    require(viewer, "letter:print")
    await load_batch(session, viewer, batch_id)
    letters = await letters_on(session, batch_id, candidate_id=candidate_id)
    if not letters:
        raise NotFound(subject="letter")
    return tuple(
        LetterSheet(
            number=one.number,
            name=one.name,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            years=years,
            letter_on=one.letter_on,
            code=one.code,
            prints=one.printed,
        )
        for one in letters
    )


def set_letters(letters: Sequence[LetterSheet], *, county: str, base_url: str, on: date) -> bytes:
    """Return letters as one PDF/A; outside any unit of work, in a thread.

    Raises:
        Refused: NAME_NOT_IN_FONT; a letter is never printed with a box in the place of a character.
    """
    try:
        return letters_pdf(letters, county=county, base_url=base_url, on=on)
    except NotSettable:
        raise Refused([Refusal("NAME_NOT_IN_FONT")]) from None


async def note_printing(act: Act, batch_id: UUID, *, candidate_id: UUID | None) -> None:
    """Note that the letters of a list, or of one person on it, were printed; the next print says so.

    Source: A24.
    """
    act.require("letter:print")
    letters = await letters_on(act.session, batch_id, candidate_id=candidate_id)
    await count_prints(act.session, [one.appointment_id for one in letters])
    for one in letters:
        act.record(
            "letter.printed",
            stream=f"expert:{one.expert_id}",
            body={"term": str(one.appointment_id), "again": one.printed > 0},
            cites=("A24",),
            edition=act.edition.id,
        )
