"""Our own style sheets and scripts, and htmx from its package: cached for ever under a hashed address."""

import mimetypes

from litestar import Response, get
from litestar.params import FromPath

from service.problems import NotFound
from service.web.pages import HTMX, STATIC


@get("/static/{name:path}", opt={"operation": "static:see"}, include_in_schema=False, sync_to_thread=False)
def static_file(name: FromPath[str]) -> Response[bytes]:
    """Serve one static file; nothing outside the folder is reachable."""
    wanted = name.lstrip("/")
    path = HTMX if wanted == "vendor/htmx.min.js" else (STATIC / wanted).resolve()
    if path != HTMX and not (path.is_relative_to(STATIC.resolve()) and path.is_file()):
        raise NotFound
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Response(
        path.read_bytes(), media_type=media_type, headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )
