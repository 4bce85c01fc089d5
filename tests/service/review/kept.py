"""What a review has come to, kept as a copied database: later tests begin there without doing it all again.

Everything in the copy was done through HTTP once, by the first test that asked for it.
"""

import copy
import shutil
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from litestar import Litestar

from service.settings import Settings
from service.storage.session import Database
from tests.service.conftest import browser
from tests.service.review.house import Phone, Review
from tests.service.test_panels import County

_FILE = "expertpool.sqlite3"


@dataclass(frozen=True)
class Kept:
    """A review as it stood.

    Attributes:
        folder: the database and the installation's secrets.
        county: its people, library and matter.
        phones: the experts.
        tokens: sign-ins of the unit, the center, and the experts in their order.
    """

    folder: Path
    county: County
    phones: tuple[Phone, ...]
    tokens: tuple[str, ...]

    def put_back(self, settings: Settings) -> None:
        """Let an installation that has not started yet begin here."""
        for name in (_FILE, "secrets.toml"):
            shutil.copy(self.folder / name, settings.var / name)

    def on(self, app: Litestar, database: Database, settings: Settings) -> Review:
        """Return the same people before another application over the copy."""
        held = self.county
        unit, center, *experts = [
            self._again(app, client, token)
            for client, token in zip(
                [held.unit, held.center, *(one.client for one in self.phones)], self.tokens, strict=True
            )
        ]
        county = County(unit, center, held.library, held.unit_id, database, settings)
        county.matter = held.matter
        phones = [replace(phone, client=client) for phone, client in zip(self.phones, experts, strict=True)]
        return Review(county, phones)

    @staticmethod
    def _again(app: Litestar, client: Any, token: str) -> Any:
        made = browser(app, token)
        made.viewer = client.viewer  # type: ignore[attr-defined]
        return made


def keep(review: Review, settings: Settings, folder: Path) -> Kept:
    """Copy a running installation."""
    source, target = sqlite3.connect(settings.var / _FILE), sqlite3.connect(folder / _FILE)
    with source, target:
        source.backup(target)
    source.close()
    target.close()
    shutil.copy(settings.var / "secrets.toml", folder / "secrets.toml")
    clients = [review.county.unit, review.county.center, *(phone.client for phone in review.phones)]
    return Kept(
        folder,
        # The test that made it goes on with its own, and may change it.
        copy.copy(review.county),
        tuple(replace(phone) for phone in review.phones),
        tuple(client.cookies["session"] for client in clients),
    )


def embedded(settings: Settings) -> bool:
    """Return whether the database is a file that can be copied."""
    return settings.database_url.startswith("sqlite")
