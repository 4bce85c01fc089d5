"""Every route of the service."""

from typing import Any

from service.web import (
    accounts,
    accounts_api,
    home,
    ledger,
    ledger_api,
    matters,
    own_account,
    panel,
    panel_api,
    panel_document,
    regulation,
    roster,
    roster_api,
    sign_in,
    static_files,
)

ROUTES: list[Any] = [
    static_files.static_file,
    *sign_in.ROUTES,
    *home.ROUTES,
    *matters.ROUTES,
    *panel.ROUTES,
    *panel_api.ROUTES,
    *panel_document.ROUTES,
    *regulation.ROUTES,
    *roster.ROUTES,
    *roster_api.ROUTES,
    *accounts.ROUTES,
    *accounts_api.ROUTES,
    *own_account.ROUTES,
    *ledger.ROUTES,
    *ledger_api.ROUTES,
]
