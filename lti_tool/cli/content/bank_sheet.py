"""Items as pupils see them, on a sheet to print: for authors and teachers who look a bank through."""

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from item_banks.generators.problem import pictures_of
from item_banks.marking import answer_in_words
from item_banks.numbers import sums_unbroken, unbroken
from item_banks.schema import Bank, Item, ItemTemplate

_STYLES = ("proximal.css", "math.css")
_PAGE = """<!doctype html>
{% from "items/_picture.html" import picture %}
{% from "items/_prompt.html" import prompt with context %}
{% from "items/_response.html" import response_field with context %}
<html lang="{{ bank.language }}"><head><meta charset="utf-8"><title>{{ bank.title }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{{ styles }}
.grid { columns: 22rem; padding: 1rem; } .item { break-inside: avoid; margin-bottom: 1rem; padding: 1rem; zoom: .8; }
</style></head><body class="pupil"><div class="grid">
{% for skill, items in skills %}
<h2>{{ skill.id }} · {{ skill.grade }} · {{ skill.title }}</h2>
{% for item in items %}{% set public = item.public() %}{% set pictures = pictures_of(bank, item) %}
<section class="item"><small>{{ item.template }} · {{ item.seed }}</small>
<p class="instruction">{{ public.instruction|sums_unbroken }}</p>
<div class="question">{{ prompt(public.prompt, bank.language) }}
{{ response_field(dict(public.response, language=bank.language, parts={}), "", "") }}</div>
<details open><summary>{{ shown(item, item.answer) }}</summary>
{% for hint in item.hints %}<p>{{ hint|sums_unbroken }}</p>{% endfor %}
{% if pictures.hint %}{{ picture(pictures.hint, bank.language) }}{% endif %}
<p class="solution">{{ item.strings.solution|sums_unbroken }}</p>
{% if pictures.solution %}{{ picture(pictures.solution, bank.language) }}{% endif %}
{% for code, wrong in item.misconceptions.items() %}
<p><strong>{{ shown(item, wrong) }}</strong> {{ code }}: {{ item.strings[code] }}</p>
{% endfor %}
</details></section>
{% endfor %}{% endfor %}
</div></body></html>
"""


def sheet(bank: Bank, skills: list[str], each: int, seed: int) -> str:
    """A page with so many items of each skill, with answers, hints and what wrong answers tell."""
    pages = Environment(
        loader=PackageLoader("lti_tool"), extensions=["jinja2.ext.i18n"], autoescape=True, trim_blocks=True
    )
    pages.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    pages.globals["page_language"] = bank.language
    pages.filters["unbroken"] = unbroken
    pages.filters["sums_unbroken"] = sums_unbroken
    static = Path(__file__).parents[2] / "static"
    styles = "".join((static / name).read_text("utf-8").replace("@font-face", "@media not all") for name in _STYLES)
    chosen = [(bank.skills[name], list(_items(bank, name, each, seed))) for name in skills or bank.skills]
    return pages.from_string(_PAGE).render(
        bank=bank,
        skills=chosen,
        pictures_of=pictures_of,
        styles=Markup(styles),  # noqa: S704 - our own stylesheets
        shown=answer_in_words,
    )


def _items(bank: Bank, skill: str, each: int, seed: int) -> Iterator[Item]:
    """Items of a skill, of as many different templates as there are."""
    templates: list[ItemTemplate] = [one for one in bank.templates.values() if one.skill == skill]
    for n in range(each):
        at = n * len(templates) // each if each < len(templates) else n % len(templates)
        yield bank.draw(templates[at].id, seed + n)
