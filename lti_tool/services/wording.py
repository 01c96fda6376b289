"""Sentences that leave Proximal without a page around them, such as a grade's comment, in the reader's language."""

import gettext
from functools import cache
from pathlib import Path

TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"


@cache
def catalogue(locale: str) -> gettext.NullTranslations:
    """The strings of a locale such as "nl" or "nl-NL"; English where there is none."""
    language = locale.replace("-", "_")
    return gettext.translation("messages", TRANSLATIONS, languages=[language, language.split("_")[0]], fallback=True)


ENGLISH = catalogue("en")
"""For the command line."""
