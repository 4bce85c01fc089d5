"""Values as the bodies of events hold them, and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from workflow.matter import Party
from workflow.need import FLAGS, Need, Quota, Seat
from workflow.panel import Change, Member, Reserve

Body = dict[str, Any]


def encode_need(need: Need) -> Body:
    """Return a need as an event holds it."""
    return {
        "size": need.size,
        "seats": [{"field": seat.field, "count": seat.count} for seat in need.seats],
        "quotas": [
            {"attribute": quota.attribute, "value": quota.value, "min": quota.min, "max": quota.max}
            for quota in need.quotas
        ],
        "reserves": need.reserves,
    }


def decode_need(body: Mapping[str, Any]) -> Need:
    """Return the need an event, or the row made from it, holds."""
    return Need(
        size=body["size"],
        seats=tuple(Seat(row["field"], row["count"]) for row in body["seats"]),
        quotas=tuple(Quota(row["attribute"], row["value"], row["min"], row["max"]) for row in body["quotas"]),
        reserves=body["reserves"],
    )


def encode_flags(flags: Iterable[str]) -> list[str]:
    """Return flags in their fixed order."""
    held = set(flags)
    return [flag for flag in FLAGS if flag in held]


def encode_parties(parties: Iterable[Party]) -> list[Body]:
    """Return parties as an event holds them."""
    return [{"organisation": party.organisation_id, "person": party.person_id, "role": party.role} for party in parties]


def decode_parties(rows: Iterable[Mapping[str, Any]]) -> tuple[Party, ...]:
    """Return the parties an event holds."""
    return tuple(Party(row["organisation"], row["person"], row["role"]) for row in rows)


def encode_members(members: Iterable[Member]) -> list[Body]:
    """Return members as an event holds them."""
    return [{"person": member.person_id, "seat": member.seat} for member in members]


def decode_members(rows: Iterable[Mapping[str, Any]]) -> tuple[Member, ...]:
    """Return the members an event holds."""
    return tuple(Member(row["person"], row["seat"]) for row in rows)


def encode_reserves(reserves: Iterable[Reserve]) -> list[Body]:
    """Return reserves as an event holds them."""
    return [
        {"person": reserve.person_id, "seat": reserve.seat, "replaces": list(reserve.replaces)} for reserve in reserves
    ]


def decode_reserves(rows: Iterable[Mapping[str, Any]]) -> tuple[Reserve, ...]:
    """Return the reserves an event holds."""
    return tuple(Reserve(row["person"], row["seat"], tuple(row["replaces"])) for row in rows)


def encode_changes(changes: Iterable[Change]) -> list[Body]:
    """Return changes as an event holds them."""
    return [{"out": change.out, "in": change.in_, "reason_sha256": change.reason_sha256} for change in changes]


def decode_changes(rows: Iterable[Mapping[str, Any]]) -> tuple[Change, ...]:
    """Return the changes an event holds."""
    return tuple(Change(row["out"], row["in"], row["reason_sha256"]) for row in rows)
