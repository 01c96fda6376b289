"""The comment beside a score: plain words for pupil, parent and teacher, at most 140 characters."""

from gettext import NullTranslations

from lti_tool.services.grading.modes import Progress
from lti_tool.services.wording import catalogue

MAX_COMMENT = 140


def grade_comment(progress: Progress, locale: str) -> str:
    """What was done, what is mastered, and what is next."""
    words = catalogue(locale)
    if progress.all_mastered and progress.mode != "accuracy":
        text = words.ngettext(
            "The skill is strong: all done.", "All %(skills)d skills are strong: all done.", progress.skills
        )
        return (text % {"skills": progress.skills})[:MAX_COMMENT]
    sentences = [*_work(words, progress), mastery_sentence(progress, locale)]
    return fitted(" ".join(sentence for sentence in sentences if sentence), MAX_COMMENT)


def mastery_sentence(progress: Progress, locale: str) -> str:
    """How many skills are strong, and the next one."""
    words = catalogue(locale)
    text = words.ngettext(
        "%(mastered)d of %(skills)d skill strong so far.",
        "%(mastered)d of %(skills)d skills strong so far.",
        progress.skills,
    ) % {"mastered": progress.mastered, "skills": progress.skills}
    if progress.next_skill and not progress.all_mastered:
        text += " " + words.gettext("Next: %(skill)s") % {"skill": progress.next_skill}
    return fitted(text, MAX_COMMENT)


def fitted(text: str, length: int) -> str:
    """The text, cut with an ellipsis where it is longer."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _work(words: NullTranslations, progress: Progress) -> list[str]:
    if progress.mode == "practice":
        done = {"attempts": min(progress.attempts, progress.attempts_needed), "needed": progress.attempts_needed}
        text = words.ngettext(
            "%(attempts)d of %(needed)d try done.", "%(attempts)d of %(needed)d tries done.", progress.attempts_needed
        )
        return [text % done]
    if progress.mode == "accuracy":
        done = {"right": progress.right, "answered": min(progress.attempts, progress.attempts_needed)}
        return [words.ngettext("%(right)d of %(answered)d right.", "%(right)d of %(answered)d right.", 2) % done]
    if progress.mode == "growth":
        text = words.ngettext("%(num)d skill newly strong.", "%(num)d skills newly strong.", progress.newly_strong)
        return [text % {"num": progress.newly_strong}]
    return []
