"""How acts on things that have a version are answered by the API, and how a file is handed out."""

from typing import Any
from urllib.parse import quote

from litestar import Response

from service.storage.attached import AttachedFile
from service.web.openapi import problems

CHANGES = problems(400, 401, 403, 404, 409, 412, 422, 428)
"""What an act on an existing thing may be answered with."""


def with_version(body: Any, href: str, version: int, status: int) -> Response[Any]:
    """Answer with a body and its version for If-Match; what is new also says where it is."""
    headers = {"ETag": f'"{version}"'}
    if status == 201:
        headers["Location"] = href
    return Response(body, status_code=status, headers=headers)


def download(file: AttachedFile, content: bytes) -> Response[bytes]:
    """Answer with a file under its own name, to be kept and not shown, whatever it is."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"}
    return Response(content, media_type=file.media_type, headers=headers)
