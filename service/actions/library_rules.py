"""The library's own rules, which name further rights and duties of experts: filed by the center, read by everybody."""

from datetime import date
from uuid import UUID

from service.actions.act import Act
from service.problems import Fault, Invalid
from service.storage.library_rules import put_rules, rules_from

TITLE_MOST = 120


async def file_rules(act: Act, content: bytes, *, title: str, from_on: date) -> UUID:
    """File a version of the rules; earlier ones stay to be read.

    Args:
        act: who, when.
        content: a PDF, examined.
        title: of the document, at most `TITLE_MOST` characters.
        from_on: the first day of the version; one version begins on a day.

    Raises:
        Invalid: without a title, with one too long, or when another version begins on that day.

    Source: A27.5, A28.6.
    """
    act.require("library-rules:file")
    title = title.strip()
    faults = []
    if not title:
        faults.append(Fault("title", "FIELD_REQUIRED"))
    elif len(title) > TITLE_MOST:
        faults.append(Fault("title", "FIELD_TOO_LONG", {"most": TITLE_MOST, "length": len(title)}))
    if await rules_from(act.session, from_on):
        faults.append(Fault("from_on", "RULES_BEGIN_THEN"))
    if faults:
        raise Invalid(faults)
    row = await put_rules(act.session, content, title=title, from_on=from_on, by=act.viewer.account_id, at=act.at)
    act.record(
        "library-rules.filed",
        stream=f"library-rules:{row.id}",
        body={"sha256": row.sha256, "size": row.size, "from_on": from_on.isoformat()},
        cites=("A27", "A28"),
        edition=act.edition.id,
    )
    return row.id
