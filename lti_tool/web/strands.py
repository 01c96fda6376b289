"""The strands of the shipped banks in the language of the page; banks name them in English, whatever they teach."""

from flask_babel import lazy_gettext as _l

STRANDS = {
    "addition and subtraction": _l("addition and subtraction"),
    "apostrophes": _l("apostrophes"),
    "consonants": _l("consonants"),
    "data": _l("data"),
    "decimals": _l("decimals"),
    "endings": _l("endings"),
    "fractions": _l("fractions"),
    "geometry": _l("geometry"),
    "homophones": _l("homophones"),
    "long vowels": _l("long vowels"),
    "measurement": _l("measurement"),
    "multiplication and division": _l("multiplication and division"),
    "negative numbers": _l("negative numbers"),
    "other vowels": _l("other vowels"),
    "patterns and algebra": _l("patterns and algebra"),
    "place value": _l("place value"),
    "plurals": _l("plurals"),
    "prefixes": _l("prefixes"),
    "ratio": _l("ratio"),
    "roots": _l("roots"),
    "short vowels": _l("short vowels"),
    "silent e": _l("silent e"),
    "silent letters": _l("silent letters"),
    "spelling": _l("spelling"),
    "suffixes": _l("suffixes"),
    "syllables": _l("syllables"),
    "vowels": _l("vowels"),
    "vowels with r": _l("vowels with r"),
    "word building": _l("word building"),
    "word families": _l("word families"),
    "word lists": _l("word lists"),
    "word origins": _l("word origins"),
}


def strand_name(strand: str) -> str:
    """What people call a strand; one of a school's own bank keeps the name that the school gave it."""
    return str(STRANDS.get(strand, strand))
