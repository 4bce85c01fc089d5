"""Files in and out: rosters read with findings for every cell, workbooks written that can do nothing by themselves."""

from service.exchange.container import MOST_BYTES
from service.exchange.diff import (
    Change,
    Compared,
    Decision,
    Hint,
    KnownExpert,
    KnownOrganisation,
    Library,
    Outcome,
    compare,
    row_key,
)
from service.exchange.finding import SEVERITIES, Finding, Severity
from service.exchange.grid import Grid
from service.exchange.headings import Column
from service.exchange.layout import Layout, OpenColumn
from service.exchange.marked import marked_workbook
from service.exchange.reading import read_file
from service.exchange.refused import FileRefused
from service.exchange.roster import Answers, OpenWord, Roster, RosterSheet, read_roster, worst_of
from service.exchange.row import RosterRow
from service.exchange.share import read_share
from service.exchange.sheets import write_list, write_lists
from service.exchange.template import template_workbook
from service.exchange.tie_diff import (
    ComparedTie,
    Met,
    Question,
    TieChange,
    compare_ties,
)
from service.exchange.tie_file import TieFile, TieSheet, looks_like_json, read_tie_json, read_tie_table
from service.exchange.tie_headings import TieColumn
from service.exchange.tie_row import End, TieRow

__all__ = [
    "MOST_BYTES",
    "SEVERITIES",
    "Answers",
    "Change",
    "Column",
    "Compared",
    "ComparedTie",
    "Decision",
    "End",
    "FileRefused",
    "Finding",
    "Grid",
    "Hint",
    "KnownExpert",
    "KnownOrganisation",
    "Layout",
    "Library",
    "Met",
    "OpenColumn",
    "OpenWord",
    "Outcome",
    "Question",
    "Roster",
    "RosterRow",
    "RosterSheet",
    "Severity",
    "TieChange",
    "TieColumn",
    "TieFile",
    "TieRow",
    "TieSheet",
    "compare",
    "compare_ties",
    "looks_like_json",
    "marked_workbook",
    "read_file",
    "read_roster",
    "read_share",
    "read_tie_json",
    "read_tie_table",
    "row_key",
    "template_workbook",
    "worst_of",
    "write_list",
    "write_lists",
]
