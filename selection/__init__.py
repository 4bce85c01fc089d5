"""Composing a panel of experts (专家组): exact, explained, checkable."""
