"""What the OpenAPI document says about problems, the same for every operation."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter

from service.web.problem_details import PROBLEM_JSON

# Every operation on an existing thing takes `If-Match`, every POST `Idempotency-Key`. They are read in
# `service.web.entry`, which answers 428 and 400 where they are missing; the parameters document them.
IfMatch = Annotated[
    str, HeaderParameter(name="If-Match", max_length=64, description="the version that was seen, as ETag gave it")
]
IdempotencyKey = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        max_length=128,
        description="8 to 128 characters of the sender's choice; the same key gets the same answer for 30 days",
    ),
]

_SAYS = {
    400: "The input has faults; all of them are named",
    401: "Nobody is signed in",
    403: "The viewer may see this, but not do it",
    404: "Not there, or not for the viewer to know",
    409: "A rule says no; all broken rules are named with their articles",
    412: "Changed since it was read (If-Match)",
    413: "Too large",
    422: "The idempotency key came before with another content",
    428: "If-Match is missing",
    429: "Too many tries",
    503: "Stopped by a time limit",
}


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """Problem details (RFC 9457) with faults of the input or broken rules."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    faults: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """Return the documented problems of an operation; any may be asked with parts that cannot be read (400)."""
    return {
        status: ResponseSpec(
            data_container=ProblemDetails,
            description=_SAYS[status],
            media_type=PROBLEM_JSON,
            generate_examples=False,
        )
        for status in sorted({400, *statuses})
    }


def nothing(*statuses: int) -> dict[int, ResponseSpec]:
    """Return the documented answers of an operation that says nothing when it is done, and its problems."""
    return {204: ResponseSpec(data_container=None, description="Done")} | problems(*statuses)
