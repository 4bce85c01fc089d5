"""Every route of the service."""

from typing import Any

from service.web import home, sign_in, static_files

ROUTES: list[Any] = [
    static_files.static_file,
    *sign_in.ROUTES,
    *home.ROUTES,
]
