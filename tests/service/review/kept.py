"""What a review has come to, kept as a copied database: later tests begin there without doing it all again.

Everything in the copy was done through HTTP once, by the first test that asked for it.
"""

import shutil
import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from litestar import Litestar

from service.settings import Settings
from service.storage.session import Database
from tests.service.conftest import browser
from tests.service.review.house import Review
from tests.service.test_panels import County

_FILE = "expertpool.sqlite3"


@dataclass(frozen=True)
class Kept:
    """A review as it stood.

    Attributes:
        folder: the database and the installation's secrets.
        review: with the clients of the application that made it.
    """

    folder: Path
    review: Review

    def put_back(self, settings: Settings) -> None:
        """Let an installation that has not started yet begin here."""
        for name in (_FILE, "secrets.toml"):
            shutil.copy(self.folder / name, settings.var / name)

    def on(self, app: Litestar, database: Database, settings: Settings) -> Review:
        """Return the same people before another application over the copy."""
        held = self.review.county

        def again(client: Any) -> Any:
            made = browser(app, client.cookies["session"])
            made.viewer = client.viewer  # type: ignore[attr-defined]
            return made

        county = County(again(held.unit), again(held.center), held.library, held.unit_id, database, settings)
        county.matter = held.matter
        phones = [replace(phone, client=again(phone.client)) for phone in self.review.phones]
        return Review(county, phones)


def keep(review: Review, settings: Settings, folder: Path) -> Kept:
    """Copy a running installation."""
    source, target = sqlite3.connect(settings.var / _FILE), sqlite3.connect(folder / _FILE)
    with source, target:
        source.backup(target)
    source.close()
    target.close()
    shutil.copy(settings.var / "secrets.toml", folder / "secrets.toml")
    phones = [replace(phone) for phone in review.phones]
    return Kept(folder, Review(review.county, phones))


def embedded(settings: Settings) -> bool:
    """Return whether the database is a file that can be copied."""
    return settings.database_url.startswith("sqlite")
