"""What a reader of a roster has to say about a cell, a row or a sheet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Severity(StrEnum):
    """What a finding means for its row: it is not taken; it is taken without this value or wants a look; only told."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


# Every code that reading and comparing can report. Its sentence, which ends in what to do, stands in the catalogues.
_ERRORS: Final = """
NAME_MISSING NAME_ODD_CHARACTERS NAME_TOO_SHORT NAME_TOO_LONG NAME_NOT_A_NAME
ID_NUMBER_SCIENTIFIC ID_NUMBER_DIGITS_LOST ID_NUMBER_LENGTH ID_NUMBER_CHARACTERS ID_NUMBER_REGION
ID_NUMBER_BIRTH_DATE ID_NUMBER_CHECK_DIGIT PERMIT_NUMBER_FORM PASSPORT_NUMBER_FORM IDENTITY_KIND_UNKNOWN
FORMULA_REFUSED CELL_SHOWS_ERROR VALUE_TOO_LONG CHARACTERS_ODD
DATE_FORM DATE_YEAR_ONLY DATE_TWO_DIGIT_YEAR DATE_AMBIGUOUS DATE_OUT_OF_RANGE DATE_NOT_IN_CALENDAR
TERM_ENDS_BEFORE_START TERM_START_MISSING PERSON_TWICE NAME_COLUMN_MISSING
EXPERT_IS_STRUCK_OFF EXPERT_HAS_LEFT TERM_OVERLAPS UNIT_AMBIGUOUS CREDIT_CODE_OF_ANOTHER_UNIT
TIE_KIND_COLUMN_MISSING TIE_END_COLUMN_MISSING TIE_KIND_MISSING TIE_KIND_UNKNOWN TIE_END_MISSING
TIE_KEY_UNREADABLE TIE_KEY_AMBIGUOUS MATTER_NOT_FOUND TIE_TO_ITSELF TIE_TWICE TIE_OF_ONESELF
TIE_NAME_MISSING END_BEFORE_START SHARE_UNREADABLE SHARE_MISPLACED RELATION_UNKNOWN RELATION_MISSING RELATION_MISPLACED
STANCE_UNKNOWN STANCE_MISSING STANCE_MISPLACED CONFIDENCE_UNKNOWN
"""
_WARNINGS: Final = """
ID_NUMBER_MISSING ID_NUMBER_ENDS_IN_ZEROS NAME_DIFFERS SEX_DIFFERS BIRTH_DATE_DIFFERS BIRTH_DATE_NOT_READ SEX_UNKNOWN
UNIT_MISSING UNIT_NEW CREDIT_CODE_OLD_ORGANISATION_CODE CREDIT_CODE_OLD_REGISTRATION_NUMBER CREDIT_CODE_SCIENTIFIC
CREDIT_CODE_DIGITS_LOST CREDIT_CODE_LENGTH CREDIT_CODE_CHARACTERS CREDIT_CODE_CHECK
TITLE_UNKNOWN TITLE_SUGGESTED FIELDS_MISSING FIELD_UNKNOWN FIELD_SUGGESTED FIELDS_TOO_MANY
PHONE_WITHOUT_AREA PHONE_SCIENTIFIC PHONE_FORM EMAIL_FORM SOURCE_UNKNOWN
TERM_MISSING TERM_LENGTH_DIFFERS EXPERT_IS_SUSPENDED
TIE_NAME_DIFFERS TIE_PERSON_NEW TIE_UNIT_NEW SOURCES_DIFFER
"""
_NOTES: Final = """
FORMULA_VALUE_TAKEN HEADING_REPEATED TEXT_OUTSIDE_TABLE SHEET_HIDDEN SHEET_WITHOUT_TABLE COLUMN_NOT_KEPT CELL_CUT_OFF
MERGED_VALUE_TAKEN TERM_END_COMPUTED MONTH_TAKEN_AS_DAY DATE_SERIAL ID_NUMBER_CONVERTED PHONE_FURTHER_LEFT_OUT
ROW_REPEATED TIE_STANDS_ALREADY TIE_RETIRED_LEFT_OUT ORGANISATION_TIES_LEFT_OUT
"""

SEVERITIES: Final[Mapping[str, Severity]] = {
    code: severity
    for severity, codes in ((Severity.ERROR, _ERRORS), (Severity.WARNING, _WARNINGS), (Severity.NOTE, _NOTES))
    for code in codes.split()
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a place in a file.

    Attributes:
        code: name of the sentence.
        sheet: name of the sheet, empty for a text table.
        cell: address of the cell, empty when the sheet as a whole is meant; a JSON Pointer in a file by format.
        facts: parameters of the sentence; never an identity number or a telephone number.
    """

    code: str
    sheet: str
    cell: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def severity(self) -> Severity:
        """Return what the finding means for its row; a fault of a format, told by its pointer, keeps it out."""
        if self.cell.startswith("/") and self.code not in SEVERITIES:
            return Severity.ERROR
        return SEVERITIES[self.code]
