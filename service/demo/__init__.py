"""The demonstration county (示范县): a library, two years of matters and the accounts to look around with."""

from service.demo.accounts import DEMO_ACCOUNTS, DemoAccount
from service.demo.county import SEED, County, demo_county

__all__ = ["DEMO_ACCOUNTS", "SEED", "County", "DemoAccount", "demo_county"]
