"""New identifiers, and the only place that makes them."""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """Return a fresh UUID of version 7: ordered by time of creation, 74 random bits.

    Source: RFC 9562, section 5.7.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)
