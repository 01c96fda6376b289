"""An imagined pupil's sitting: drawn, marked, traced and counted as any other, but for who chooses the items."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from item_banks.marking import mark
from item_banks.schema import Bank, Item
from lti_tool.persistence.tables.activities import Activity
from lti_tool.persistence.tables.practice import PresentedItem, Sitting
from lti_tool.services.catalog import Catalog
from lti_tool.services.practising.replay import current_pupil
from lti_tool.services.practising.sittings import begin_sitting, end_sitting
from lti_tool.services.practising.tracing import Action, trace_answer
from lti_tool.services.pupil.certificates import renew_certificates
from lti_tool.services.pupil.summaries import count_practice
from lti_tool.services.sample.imagined import RIGHT, Bout

EARLIER: Final = timedelta(hours=2)
"""So long before this moment, on its day, each sitting began."""
BETWEEN: Final = timedelta(seconds=4)
PLAIN: Final = frozenset({"number", "fraction", "text"})
REASON: Final = {"key": "practise", "values": {}, "trace": {}}


def practise(
    session: Session,
    catalog: Catalog,
    activity: Activity,
    person_id: str,
    bout: Bout,
    templates: Sequence[str],
    now: datetime,
) -> None:
    """One sitting, as it would have been on its day, with items of these templates. Posts nothing: nobody is graded."""
    bank, pupil = catalog.bank_of(activity), current_pupil(session, catalog, activity, person_id)
    then = now - timedelta(days=bout.days_ago) - EARLIER
    sitting = begin_sitting(session, activity.id, person_id, then)
    items = [
        bank.draw(templates[number % len(templates)], bout.days_ago * 100 + number)
        for number in range(len(bout.answers))
    ]
    taking = timedelta(seconds=bout.seconds)
    shown = [
        _shown(sitting, bank, item, then + number * (taking + BETWEEN), taking) for number, item in enumerate(items)
    ]
    session.add_all(shown)
    session.flush()  # once for all of them: nothing here is chosen by the answers
    for number, (item, presented, letter) in enumerate(zip(items, shown, bout.answers, strict=True)):
        then = presented.presented_at + taking
        response, action = _answer(item, number, right=RIGHT[letter])
        trace_answer(session, bank, activity, pupil, presented, mark(item, response), action, then)
    then += BETWEEN
    end_sitting(session, sitting, "stopped", then)
    report = pupil.report(now=then, within=activity.skill_ids)
    renew_certificates(session, person_id, activity.standard, report, then)
    count_practice(session, activity, person_id, list(report.values()))


def _shown(sitting: Sitting, bank: Bank, item: Item, moment: datetime, taking: timedelta) -> PresentedItem:
    return PresentedItem(
        person_id=sitting.person_id,
        sitting_id=sitting.id,
        activity_id=sitting.activity_id,
        bank_id=bank.id,
        bank_version=bank.version,
        template_id=item.template,
        skill_id=item.skill,
        seed=item.seed,
        item_key=item.key,
        item=item.to_json(),
        reason=REASON,
        hints_shown=0,
        presented_at=moment,
        shown_at=moment,
        answered_at=moment + taking,
    )


def plain_templates(bank: Bank, skill_id: str) -> Sequence[str]:
    """What is answered with a number or a word, where there is such: it reads well among the answers."""
    own = [each for each in bank.templates.values() if each.skill == skill_id and not each.twin_of]
    plain = [each.id for each in own if bank.draw(each.id, 0).response.kind in PLAIN]
    return plain or [each.id for each in own]


def _answer(item: Item, number: int, *, right: bool) -> tuple[str, Action]:
    """The right answer, or a mistake that children make here, mostly the same one; else "I don't know"."""
    if right:
        return item.answer, "answer"
    other = [choice.value for choice in item.response.choices if choice.value != item.answer]
    wrong = [each for each in item.misconceptions.values() if each != item.answer] or other
    return (wrong[0 if number % 3 else -1], "answer") if wrong else ("", "dont_know")
