"""The demonstration county as one value: organisations, experts, ties, matters, accounts.

Seeded, without a clock and without a database: the same seed gives the same county on every machine and in every run.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from service.demo.accounts import DEMO_ACCOUNTS, LIAISON_ACCOUNTS, DemoAccount
from service.demo.experts import TODAY, DemoExpert, demo_experts
from service.demo.matters import DemoMatter, demo_matters
from service.demo.organisations import DemoOrganisation, demo_organisations
from service.demo.ties import DemoTie, demo_ties

SEED: Final = 20260914


@dataclass(frozen=True, slots=True)
class DemoAway:
    """Days on which an expert cannot serve, both inclusive."""

    expert: str
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class County:
    """Everything the demonstration county consists of; things refer to one another by key."""

    today: date
    organisations: tuple[DemoOrganisation, ...]
    experts: tuple[DemoExpert, ...]
    aways: tuple[DemoAway, ...]
    ties: tuple[DemoTie, ...]
    matters: tuple[DemoMatter, ...]
    accounts: tuple[DemoAccount, ...]

    def fingerprint(self) -> str:
        """Return the SHA-256 of the whole, hexadecimal: two counties are the same when their fingerprints are."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


def demo_county(seed: int = SEED) -> County:
    """Return the county of a seed; its today is Monday 2026-09-14."""
    random = Random(seed)  # noqa: S311 -- a demonstration, not a secret
    organisations = demo_organisations()
    experts = demo_experts(random, organisations)
    matters = demo_matters(random, organisations, experts)
    ties = demo_ties(random, experts, matters)
    return County(
        TODAY,
        organisations,
        experts,
        _aways(random, experts),
        ties,
        matters,
        (*DEMO_ACCOUNTS, *LIAISON_ACCOUNTS),
    )


def _aways(random: Random, experts: tuple[DemoExpert, ...]) -> tuple[DemoAway, ...]:
    """Return a dozen absences around today, so that clashes with other duties can be seen."""
    aways = []
    for expert in sorted(random.sample(experts, k=12), key=lambda chosen: chosen.key):
        from_on = TODAY + timedelta(days=random.randint(-5, 20))
        aways.append(DemoAway(expert.key, from_on, from_on + timedelta(days=random.randint(2, 12))))
    return tuple(aways)
