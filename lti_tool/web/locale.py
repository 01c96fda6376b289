"""In which language the pages speak: the launch's, as far as there is a translation."""

from datetime import datetime, timedelta

from babel import Locale, UnknownLocaleError, negotiate_locale
from flask import Flask, current_app, g, request
from flask_babel import Babel, format_date, format_percent, format_timedelta

from item_banks.marking import answer_in_words
from item_banks.numbers import sums_unbroken, unbroken
from lti_tool.web.context import now
from lti_tool.web.strands import strand_name

_YEARS_BEFORE_GRADE_1 = {"nl": 2}


def install(app: Flask) -> None:
    """Let templates speak the reader's language."""
    Babel(app, locale_selector=choose_locale)
    app.jinja_env.filters["ago"] = ago
    app.jinja_env.filters["answer"] = answer_in_words
    app.jinja_env.filters["strand"] = strand_name
    app.jinja_env.filters["duration"] = duration
    app.jinja_env.filters["percent"] = percent
    app.jinja_env.filters["date"] = format_date
    app.jinja_env.filters["direction"] = direction
    app.jinja_env.filters["unbroken"] = unbroken
    app.jinja_env.filters["sums_unbroken"] = sums_unbroken
    app.jinja_env.filters["school_year"] = school_year

    @app.context_processor
    def page_locale() -> dict[str, str]:
        return {"page_language": choose_locale().replace("_", "-"), "page_direction": text_direction()}


def choose_locale() -> str:
    """The best translation for the pupil's choice, else the launch's locale, else the browser's, else English."""
    launch, preferences = g.get("launch"), g.get("preferences")
    wanted = [launch.locale] if launch is not None else [code for code, _ in request.accept_languages]
    if preferences is not None and preferences.locale:
        wanted.insert(0, preferences.locale)
    available = ["en", *(str(locale) for locale in current_app.extensions["babel"].instance.list_translations())]
    return negotiate_locale([code.replace("-", "_") for code in wanted], available) or "en"


def text_direction() -> str:
    """ "rtl" where the page's language is written from right to left."""
    return direction(choose_locale())


def direction(language: str) -> str:
    """ "rtl" or "ltr": how a language is written, so that sums in one run its way on a page in another."""
    try:
        order = Locale.parse(language, sep="-" if "-" in language else "_").character_order
    except UnknownLocaleError:  # a school's own questions may be in a language that nobody has described
        return "ltr"
    return "rtl" if order == "right-to-left" else "ltr"


def school_year(grade: int) -> int:
    """A grade's number where the page's language is spoken: grade 1 is groep 3 in the Netherlands."""
    return grade + _YEARS_BEFORE_GRADE_1.get(choose_locale(), 0)


def ago(moment: datetime) -> str:
    """ "5 minutes ago", in the page's language."""
    return str(format_timedelta(moment - now(), add_direction=True))


def duration(length: timedelta) -> str:
    """ "5 minutes", in the page's language."""
    return str(format_timedelta(length))


def percent(share: float) -> str:
    """ "73%", as the page's language writes it."""
    return str(format_percent(share))
