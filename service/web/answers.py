"""How the API answers acts on things that have a version."""

from typing import Any

from litestar import Response

from service.web.openapi import problems

CHANGES = problems(400, 401, 403, 404, 409, 412, 422, 428)
"""What an act on an existing thing may be answered with."""


def with_version(body: Any, href: str, version: int, status: int) -> Response[Any]:
    """Answer with a body and its version for If-Match; what is new also says where it is."""
    headers = {"ETag": f'"{version}"'}
    if status == 201:
        headers["Location"] = href
    return Response(body, status_code=status, headers=headers)
