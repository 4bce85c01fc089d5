"""Citations of the regulation as readers of a page see them."""

from service.locales import language
from service.regulation import say_cite


def say_article(cite: str) -> str:
    """Return a citation, or several parted by commas, in the reader's language; what is not one stays as it is."""
    return say_cite(cite, language())
