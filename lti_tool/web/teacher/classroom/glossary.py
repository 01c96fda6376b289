"""The words of a teacher's pages, each defined once, with the numbers that the code decides by."""

from collections.abc import Sequence

from flask_babel import gettext as _

from engine.mastery import DEFAULT_POLICY
from lti_tool.services.classroom.attention import ORDER
from lti_tool.web.locale import percent
from lti_tool.web.teacher.classroom.needs_words import definition
from lti_tool.web.teacher.words import state_words


def glossary(standard: float) -> Sequence[tuple[str, str]]:
    """Words and what they mean with this standard; those of "Needs you now" (with word "") are whole sentences."""
    threshold, hours = percent(DEFAULT_POLICY.threshold), DEFAULT_POLICY.another_day_hours
    states = (
        (
            str(_("standard")),
            _("the share of a skill's average written questions to get right: %(share)s.", share=percent(standard)),
        ),
        (state_words("growing"), _("begun, and not strong yet.")),
        (
            state_words("strong"),
            _(
                "mastered: Proximal is %(sure)s sure that the standard is met, and an answer without help was right. "
                "Of a list of words or facts, a sample decides.",
                sure=threshold,
            ),
        ),
        (
            state_words("kept"),
            _("strong, and still so when it was looked at again, %(hours)d hours later or more.", hours=hours),
        ),
    )
    rules = [*map(definition, ORDER), definition("hardly_moving", of_list=True)]
    return [(word, str(text)) for word, text in states] + [("", rule) for rule in rules]
