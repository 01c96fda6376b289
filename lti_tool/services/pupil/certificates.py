"""What a person has shown to master, kept apart from the belief that may move."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.learner import SkillReport
from lti_tool.persistence.tables.practice import Certificate
from lti_tool.services.grading.modes import MASTERED


def renew_certificates(
    session: Session, person_id: str, standard: float, report: Mapping[str, SkillReport], now: datetime
) -> None:
    """Write down skills that are newly strong or kept at this standard. Nothing is ever taken back here."""
    mastered = {skill_id: skill for skill_id, skill in report.items() if skill.state in MASTERED}
    if not mastered:
        return
    query = select(Certificate).where(Certificate.person_id == person_id, Certificate.standard == standard)
    held = {certificate.skill_id: certificate for certificate in session.scalars(query)}
    for skill_id, skill in mastered.items():
        certificate = held.get(skill_id)
        if certificate is None:
            session.add(
                Certificate(
                    person_id=person_id,
                    skill_id=skill_id,
                    standard=standard,
                    state=skill.state,
                    since=now,
                    strong_since=now,
                )
            )
        elif certificate.state == "strong" and skill.state == "kept":
            certificate.state, certificate.since = "kept", now
