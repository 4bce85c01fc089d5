"""Drawing a panel by lot so that anybody can do the draw again: commitment, seed, draw, declines, verification."""

from selection.draw.commitment import Commitment, commit, parse_commitment
from selection.draw.numbered import NoFairList, NumberedPanels, balls_needed, numbered_panels
from selection.draw.record import DrawRecord, draw_panel
from selection.draw.rfc3797 import key_string, picks
from selection.draw.sources import Source, SourceValue, read_value, seed_of
from selection.draw.stream import Stream
from selection.draw.succession import Decline, DrawnReserve
from selection.draw.verify import Verification, verify_record

__all__ = [
    "Commitment",
    "Decline",
    "DrawRecord",
    "DrawnReserve",
    "NoFairList",
    "NumberedPanels",
    "Source",
    "SourceValue",
    "Stream",
    "Verification",
    "balls_needed",
    "commit",
    "draw_panel",
    "key_string",
    "numbered_panels",
    "parse_commitment",
    "picks",
    "read_value",
    "seed_of",
    "verify_record",
]
