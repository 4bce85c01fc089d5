"""What people read: message catalogues in Chinese and English, dates and numbers as people say them."""

from service.locales.catalogue import (
    LANGUAGES,
    Catalogues,
    CataloguesInvalid,
    Language,
    fill,
    gettext,
    install,
    installed,
    language,
    language_of,
    mark,
    negotiate,
    ngettext,
    pgettext,
    translate,
    use_language,
)
from service.locales.say import say_date, say_day, say_distance, say_list, say_number, say_when
from service.locales.sentence import sentence

__all__ = [
    "LANGUAGES",
    "Catalogues",
    "CataloguesInvalid",
    "Language",
    "fill",
    "gettext",
    "install",
    "installed",
    "language",
    "language_of",
    "mark",
    "negotiate",
    "ngettext",
    "pgettext",
    "say_date",
    "say_day",
    "say_distance",
    "say_list",
    "say_number",
    "say_when",
    "sentence",
    "translate",
    "use_language",
]
