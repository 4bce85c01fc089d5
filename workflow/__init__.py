"""The life of a decision: its steps, its clocks, what may happen next."""
