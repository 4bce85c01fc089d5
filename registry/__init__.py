"""The expert library (专家库): who is an expert, in which fields, for how long."""

from registry.appointment import Appointment, Terms, appoint, has_full_length
from registry.candidate import CANDIDATE_RULES, is_candidate, why_not_candidate
from registry.credit_code import credit_check_character, read_credit_code
from registry.disciplines import DISCIPLINES, DOMAINS, Discipline, Domain
from registry.duty import SERVICE_MONTHS, Duty, DutyOutcome, MonthCount, monthly_strip, service_of
from registry.expert import Employment, Expert, ExpertField, State, Status, status_of
from registry.fields import covers, depth, expand, field_name, is_field_code, read_field_code, seating_codes
from registry.fieldwords import Certainty, FieldReading, recognise_field, recognise_fields
from registry.fit import DEFAULT_FIT, Fit, FitPart, FitTable, fit_of
from registry.identity import (
    Identity,
    IdentityKind,
    Sex,
    check_character,
    ends_in_zeros,
    mask_identity,
    read_identity,
)
from registry.months import add_months, last_day, within_months
from registry.phone import Phone, mask_phone, read_phone
from registry.refused import RegistryError, TermRefused, ValueRefused
from registry.titles import TitleLevel, TitleReading, recognise_title
from registry.writing import comparable, half_width, has_odd_characters, one_line, read_name, without_blanks

__all__ = [
    "CANDIDATE_RULES",
    "DEFAULT_FIT",
    "DISCIPLINES",
    "DOMAINS",
    "SERVICE_MONTHS",
    "Appointment",
    "Certainty",
    "Discipline",
    "Domain",
    "Duty",
    "DutyOutcome",
    "Employment",
    "Expert",
    "ExpertField",
    "FieldReading",
    "Fit",
    "FitPart",
    "FitTable",
    "Identity",
    "IdentityKind",
    "MonthCount",
    "Phone",
    "RegistryError",
    "Sex",
    "State",
    "Status",
    "TermRefused",
    "Terms",
    "TitleLevel",
    "TitleReading",
    "ValueRefused",
    "add_months",
    "appoint",
    "check_character",
    "comparable",
    "covers",
    "credit_check_character",
    "depth",
    "ends_in_zeros",
    "expand",
    "field_name",
    "fit_of",
    "half_width",
    "has_full_length",
    "has_odd_characters",
    "is_candidate",
    "is_field_code",
    "last_day",
    "mask_identity",
    "mask_phone",
    "monthly_strip",
    "one_line",
    "read_credit_code",
    "read_field_code",
    "read_identity",
    "read_name",
    "read_phone",
    "recognise_field",
    "recognise_fields",
    "recognise_title",
    "seating_codes",
    "service_of",
    "status_of",
    "why_not_candidate",
    "within_months",
    "without_blanks",
]
