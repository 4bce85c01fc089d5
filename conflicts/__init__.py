"""Who may not judge whom (回避), as of a stated day, and why."""
