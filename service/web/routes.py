"""Every route of the service."""

from typing import Any

from service.web import home, panel, panel_api, sign_in, static_files

ROUTES: list[Any] = [
    static_files.static_file,
    *sign_in.ROUTES,
    *home.ROUTES,
    *panel.ROUTES,
    *panel_api.ROUTES,
]
