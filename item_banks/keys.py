"""Which keys besides the digits a field for a number needs on a screen that has no keyboard."""

from __future__ import annotations

from item_banks.schema import Bank, Item

MINUS = "−"


def number_marks(bank: Bank, item: Item) -> str:
    """The decimal mark of the place, the minus and the slash, as far as items like this one are answered with them.

    What a template's items may have is written in its options (`decimals`, `signed`, `fractions` for a slash), so that
    the keys of one question tell nothing about its answer. What has left the bank since it was drawn gets both signs.
    """
    template = bank.templates.get(item.template)
    options = {"decimals", "signed"} if template is None else set(template.options)
    if item.format == "money":
        options.add("decimals")
    marks = {"decimals": item.rules.decimal, "signed": MINUS, "fractions": "/"}
    return "".join(mark for option, mark in marks.items() if option in options)
