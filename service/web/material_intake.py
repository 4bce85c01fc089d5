"""Taking in an uploaded PDF: its size first, then what is in it, off the event loop."""

import asyncio

from service.problems import Fault, Invalid
from service.web.forms import Form


async def take_in(form: Form, name: str, *, most: int) -> bytes:
    """Return the bytes of an uploaded PDF that can be handed to people; a fault of the form otherwise.

    Args:
        form: the submitted form.
        name: of its field.
        most: bytes allowed.
    """
    upload = form.uploads.get(name)
    if upload is None:
        form.fault(name, "FIELD_REQUIRED")
        return b""
    content = await upload.read(most + 1)
    try:
        await examined(content, at=name, most=most)
    except Invalid as problem:
        form.faults += problem.faults
        return b""
    return content


async def take_scan(form: Form, name: str, *, most: int) -> bytes:
    """Return an uploaded scan, a PDF or a photograph, as PDF; a fault of the form otherwise."""
    upload = form.uploads.get(name)
    if upload is None:
        form.fault(name, "FIELD_REQUIRED")
        return b""
    try:
        return await scanned(await upload.read(most + 1), at=name, most=most)
    except Invalid as problem:
        form.faults += problem.faults
        return b""


async def scanned(content: bytes, *, at: str, most: int) -> bytes:
    """Return a scan as PDF.

    Raises:
        Invalid: naming what is wrong with it.
    """
    from service.documents.material import MaterialUnfit
    from service.documents.scan import as_document

    if len(content) > most:
        raise Invalid([Fault(at, "DOCUMENT_TOO_LARGE", {"megabytes": most // 1024 // 1024})])
    try:
        return await asyncio.to_thread(as_document, content)
    except MaterialUnfit as fault:
        raise Invalid([Fault(at, fault.code)]) from None


async def examined(content: bytes, *, at: str, most: int) -> None:
    """Refuse what is no PDF that can be handed to people.

    Raises:
        Invalid: naming what is wrong with it.
    """
    from service.documents.material import MaterialUnfit, examine

    if len(content) > most:
        raise Invalid([Fault(at, "DOCUMENT_TOO_LARGE", {"megabytes": most // 1024 // 1024})])
    try:
        await asyncio.to_thread(examine, content)
    except MaterialUnfit as fault:
        raise Invalid([Fault(at, fault.code)]) from None
