"""The life of a decision: its steps, its clocks, what may happen next.

`fold(events)` gives the state of a matter, `decide(state, command, by=, at=, on=, terms=)` the events that a command
brings about, or `ActRefused` with every broken rule; `examine` asks the same and records nothing.
"""

from workflow.calendar import Due, WorkCalendar, add_months, last_day_of_months
from workflow.clocks import (
    ClockState,
    Pause,
    calendar_day_deadline,
    calendar_day_minimum,
    hours_deadline,
    latest_delivery,
    working_day_clock,
)
from workflow.coding import (
    decode_members,
    decode_need,
    decode_reserves,
    encode_flags,
    encode_members,
    encode_need,
    encode_reserves,
)
from workflow.command import (
    CAUSES,
    KINDS,
    MODES,
    SCOPES,
    Cancel,
    ChangeParties,
    ChangeProposal,
    Command,
    ConfirmFlags,
    DeterminePanel,
    OpenCase,
    ProposePanel,
    RecordMatter,
    ReopenPanel,
    ReplaceMember,
    Resume,
    ReturnProposal,
    SetNeed,
    Suspend,
    WaiveFloor,
)
from workflow.decide import ActRefused, decide, examine
from workflow.event import Actor, Event
from workflow.fold import StreamUnreadable, fold
from workflow.matter import MatterState, Party, Status, floor_for, steps_of
from workflow.need import FLAGS, Need, NeedFault, Quota, Seat, find_faults
from workflow.panel import Change, Member, Panel, Proposal, Reserve, Waiver
from workflow.rules.rule import BrokenRule
from workflow.steps import GRAPH_0, GRAPHS, Step, StepGraph, StepState
from workflow.terms import Rule, Terms

__all__ = [
    "CAUSES",
    "FLAGS",
    "GRAPHS",
    "GRAPH_0",
    "KINDS",
    "MODES",
    "SCOPES",
    "ActRefused",
    "Actor",
    "BrokenRule",
    "Cancel",
    "Change",
    "ChangeParties",
    "ChangeProposal",
    "ClockState",
    "Command",
    "ConfirmFlags",
    "DeterminePanel",
    "Due",
    "Event",
    "MatterState",
    "Member",
    "Need",
    "NeedFault",
    "OpenCase",
    "Panel",
    "Party",
    "Pause",
    "Proposal",
    "ProposePanel",
    "Quota",
    "RecordMatter",
    "ReopenPanel",
    "ReplaceMember",
    "Reserve",
    "Resume",
    "ReturnProposal",
    "Rule",
    "Seat",
    "SetNeed",
    "Status",
    "Step",
    "StepGraph",
    "StepState",
    "StreamUnreadable",
    "Suspend",
    "Terms",
    "WaiveFloor",
    "Waiver",
    "WorkCalendar",
    "add_months",
    "calendar_day_deadline",
    "calendar_day_minimum",
    "decide",
    "decode_members",
    "decode_need",
    "decode_reserves",
    "encode_flags",
    "encode_members",
    "encode_need",
    "encode_reserves",
    "examine",
    "find_faults",
    "floor_for",
    "fold",
    "hours_deadline",
    "last_day_of_months",
    "latest_delivery",
    "steps_of",
    "working_day_clock",
]
