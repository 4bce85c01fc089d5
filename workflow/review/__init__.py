"""The expert review: from the invitation of a determined panel to the unit's answers to every point (A27 to A32)."""
