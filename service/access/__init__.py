"""Roles, relations, the one access table, sign-in."""

from service.access.operations import OPERATIONS, may, may_try, require
from service.access.viewer import ROLES, Viewer

__all__ = ["OPERATIONS", "ROLES", "Viewer", "may", "may_try", "require"]
