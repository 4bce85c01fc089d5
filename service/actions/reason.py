"""What a recorded reason must be: words of somebody, long enough to be one."""

from typing import Final

from service.problems import Fault
from service.regulation import Policy

REASON_MOST: Final = 500


def reason_faults(policy: Policy, at: str, reason: str) -> list[Fault]:
    """Return the faults of a typed reason: missing, shorter than the local policy asks, longer than 500 characters."""
    length, least = len(reason.strip()), policy.reason_least
    if length == 0:
        return [Fault(at, "FIELD_REQUIRED")]
    if length < least:
        return [Fault(at, "REASON_TOO_SHORT", {"least": least, "length": length})]
    if length > REASON_MOST:
        return [Fault(at, "FIELD_TOO_LONG", {"most": REASON_MOST, "length": length})]
    return []
