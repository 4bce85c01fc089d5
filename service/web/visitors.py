"""Pages for people without an account: their setting, how often they may try, the files that they bring."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Request

from registry import one_line
from service.actions.applications import FILE_KINDS
from service.actions.visit import Visit, count_try
from service.documents.attachment import MOST_BYTES, media_type_of
from service.exchange import FileRefused
from service.problems import Fault
from service.storage.attached import NewFile
from service.storage.session import Session
from service.web.forms import Form
from service.web.pages import instant_of

AnyRequest = Request[Any, Any, Any]
BODY_MOST: Final = 17 * 1024 * 1024
"""Three files and what stands around them."""
SENDINGS: Final = 20
"""Applications from one address in fifteen minutes: a whole university may stand behind one."""
CODE_TRIES: Final = 8
ADDRESS_TRIES: Final = 40
_NAME_MOST: Final = 120


def visit_in(request: AnyRequest, session: Session) -> Visit:
    """Return the setting of a visitor's act in an open session."""
    app = request.app.state
    return Visit(session, instant_of(request), app.secrets, app.edition)


async def count(request: AnyRequest, names: Mapping[str, int]) -> None:
    """Count a try of this address and of what is named; see `service.actions.visit.count_try`.

    Args:
        request: from where; `{address}` in a name becomes its address.
        names: how many tries each has in fifteen minutes.

    Raises:
        TooMany: when one has none left.
    """
    app, address = request.app.state, request.client.host if request.client else ""
    tries = {name.replace("{address}", address): most for name, most in names.items()}
    await count_try(app.database, app.secrets, tries, at=instant_of(request))


async def files_in(form: Form, kinds: Sequence[str] = FILE_KINDS) -> list[NewFile]:
    """Return the files of a form in the fields `file_<kind>`, examined; what is wrong with one is noted in the form."""
    brought = [
        (kind, upload.filename, await upload.read(MOST_BYTES + 1))
        for kind in kinds
        if (upload := form.uploads.get(f"file_{kind}"))
    ]
    files, faults = await examined(brought, kinds)
    form.faults += faults
    return files


async def examined(
    brought: Sequence[tuple[str, str, bytes]], kinds: Sequence[str] = FILE_KINDS
) -> tuple[list[NewFile], list[Fault]]:
    """Return files with what they are by their content, and a fault at `file_<kind>` for each that is not taken.

    Args:
        brought: kind, name and content of each.
        kinds: the kinds that are taken.
    """
    files, faults = [], []
    for kind, name, content in brought:
        if kind not in kinds:
            faults.append(Fault("files", "FIELD_NOT_A_CHOICE"))
            continue
        try:
            media_type = await asyncio.to_thread(media_type_of, content)
        except FileRefused as refused:
            faults.append(Fault(f"file_{kind}", refused.code, dict(refused.facts)))
            continue
        tidy = one_line(name.replace("/", " ").replace("\\", " "))[-_NAME_MOST:]
        files.append(NewFile(kind, tidy, media_type, hashlib.sha256(content).hexdigest(), content))
    return files, faults
