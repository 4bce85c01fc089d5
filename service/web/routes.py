"""Every route of the service."""

from typing import Any

from service.web import (
    accounts,
    accounts_api,
    facts,
    facts_api,
    home,
    ledger,
    ledger_api,
    matters,
    matters_api,
    notes,
    own_account,
    panel,
    panel_api,
    panel_document,
    regulation,
    roster,
    roster_api,
    search,
    sign_in,
    static_files,
)

ROUTES: list[Any] = [
    static_files.static_file,
    *sign_in.ROUTES,
    *home.ROUTES,
    *matters.ROUTES,
    *notes.ROUTES,
    *matters_api.ROUTES,
    *panel.ROUTES,
    *panel_api.ROUTES,
    *panel_document.ROUTES,
    *facts.ROUTES,
    *facts_api.ROUTES,
    *regulation.ROUTES,
    *search.ROUTES,
    *roster.ROUTES,
    *roster_api.ROUTES,
    *accounts.ROUTES,
    *accounts_api.ROUTES,
    *own_account.ROUTES,
    *ledger.ROUTES,
    *ledger_api.ROUTES,
]
