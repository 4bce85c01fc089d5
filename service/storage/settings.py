"""Settings that belong to the data."""

from datetime import datetime, timedelta
from typing import Any

from service.clock import Clock, ShiftedClock, SystemClock
from service.storage.rows.acts import SettingRow
from service.storage.session import Database, Session, reading


async def setting(session: Session, key: str) -> dict[str, Any] | None:
    """Return the value of a setting, or None."""
    row = await session.get(SettingRow, key)
    return None if row is None else row.value


async def set_setting(session: Session, key: str, value: dict[str, Any]) -> None:
    """Set a setting."""
    await session.merge(SettingRow(key=key, value=value))


async def clock_of(database: Database) -> Clock:
    """Return the machine's clock, or the demonstration county's when the database holds one."""
    async with reading(database) as session:
        demo = await setting(session, "demo.clock")
    if demo is None:
        return SystemClock()
    starts_at = datetime.fromisoformat(demo["starts_at"])
    loaded_at = datetime.fromisoformat(demo["loaded_at"])
    shift: timedelta = starts_at - loaded_at
    return ShiftedClock(shift)
