"""The tables. Rows stay inside `service.storage`: loaders turn them into values, savers take values."""
