"""Answers of heavy pure work, made off the event loop and kept in memory by what they were made from.

Whoever asks for the same while it is being made waits for that one; asking again costs a look. A restart forgets all.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, Final, TypeVar

Made = TypeVar("Made")
MOST: Final = 16


class Kept:
    """Results by key, the least used forgotten first.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = MOST) -> None:
        """Begin empty."""
        self._most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, asyncio.Task[Any]] = {}

    async def of(
        self, key: Hashable, make: Callable[[], Made], *, worth: Callable[[Made], bool] = lambda _: True
    ) -> Made:
        """Return what was made for the key before, or make it in a thread.

        Args:
            key: everything that the result depends on, such as the hash of a problem.
            make: pure work.
            worth: whether a result is worth keeping: neither unfinished nor too large.

        Raises:
            Exception: whatever `make` raised; that is not kept.
        """
        if key in self._kept:
            self._kept.move_to_end(key)
            found: Made = self._kept[key]
            return found
        task: asyncio.Task[Made] | None = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.create_task(asyncio.to_thread(make))
            task.add_done_callback(partial(self._keep, key, worth))
        # Who stops waiting does not stop it for the others.
        return await asyncio.shield(task)

    def _keep(self, key: Hashable, worth: Callable[[Any], bool], task: asyncio.Task[Any]) -> None:
        del self._making[key]
        if task.cancelled() or task.exception() is not None or not worth(task.result()):
            return
        self._kept[key] = task.result()
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
