"""Roles, relations, the one access table, sign-in."""

from service.access.operations import OPERATIONS, may, may_try, open_without_staff, require
from service.access.viewer import MAYOR, OFFICE, ROLES, Viewer

__all__ = ["MAYOR", "OFFICE", "OPERATIONS", "ROLES", "Viewer", "may", "may_try", "open_without_staff", "require"]
