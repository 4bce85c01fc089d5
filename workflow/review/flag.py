"""Flags of an opinion: it is taken all the same, and the flag stays with it."""

from typing import Final

OPINION_LATE: Final = "OPINION_LATE"
"""After its day (A28.1)."""

WRITTEN_OVERDUE: Final = "WRITTEN_OVERDUE"
"""After the hours that an oral opinion leaves for the written one (A32.3)."""

ORAL_MISMATCH: Final = "ORAL_MISMATCH"
"""Another conclusion than the oral opinion had; the written one counts, and people see that it changed."""
