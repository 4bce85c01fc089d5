"""Settings that belong to the data."""

from typing import Any

from service.storage.rows.acts import SettingRow
from service.storage.session import Session


async def setting(session: Session, key: str) -> dict[str, Any] | None:
    """Return the value of a setting, or None."""
    row = await session.get(SettingRow, key)
    return None if row is None else row.value


async def set_setting(session: Session, key: str, value: dict[str, Any]) -> None:
    """Set a setting."""
    await session.merge(SettingRow(key=key, value=value))
