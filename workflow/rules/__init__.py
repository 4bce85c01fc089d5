"""The rules of a matter, by chapter."""
