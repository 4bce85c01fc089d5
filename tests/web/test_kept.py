"""Heavy answers are made once for whoever asks meanwhile, and kept only where they are worth it."""

import asyncio
import threading

import pytest

from service.web.kept import Kept


class Work:
    """Work that waits until it is let go, and counts how often it was begun."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = threading.Event()

    def __call__(self) -> int:
        self.begun += 1
        self.go.wait(30)
        return self.begun


async def test_who_asks_meanwhile_waits_for_the_same_work_and_who_asks_later_gets_it_at_once() -> None:
    kept, work = Kept(), Work()
    first, second = asyncio.create_task(kept.of("a", work)), asyncio.create_task(kept.of("a", work))
    await asyncio.sleep(0)
    first.cancel()
    work.go.set()

    assert (await second, await kept.of("a", work), work.begun) == (1, 1, 1)
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_what_is_not_worth_it_and_what_failed_is_made_again() -> None:
    kept, made = Kept(), iter([1, 2, 3])

    def fail() -> int:
        raise ValueError("no")

    unfinished = [await kept.of("a", lambda: next(made), worth=lambda found: found > 1) for _ in range(3)]
    with pytest.raises(ValueError, match="no"):
        await kept.of("b", fail)

    assert (unfinished, await kept.of("b", lambda: 9)) == ([1, 2, 2], 9)


async def test_the_least_used_is_forgotten_first() -> None:
    kept, made = Kept(most=2), []

    async def ask(key: str) -> None:
        await kept.of(key, lambda: made.append(key))

    for key in ("a", "b", "a", "c", "a", "b"):
        await ask(key)

    assert made == ["a", "b", "c", "b"]
