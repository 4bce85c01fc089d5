"""Figures of the library and the service, each a ratio against a named peer in the same run."""
