"""The audit log: who changed what. Append-only; written in the transaction that it tells of."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_tool.persistence.base import Base, personal


class AuditEvent(Base):
    """One change by a person (or by the command line: no person)."""

    __tablename__ = "audit"
    __table_args__ = {"info": personal(person_id="pseudonymise")}

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"))
    administrator_id: Mapped[int | None] = mapped_column(ForeignKey("administrator.id"))
    """Who did it in the console."""
    district_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"), index=True)
    """Whose it is, where no registration says so."""
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(255))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


def record(
    session: Session,
    action: str,
    subject: str,
    *,
    at: datetime,
    person_id: str | None = None,
    registration_id: int | None = None,
    administrator_id: int | None = None,
    district_id: int | None = None,
    **detail: Any,
) -> None:
    """Append one event, such as record(session, "activity.created", activity.id, at=now, title="...").

    People stand in it by their random ids, never by the LMS's, which may be as short as a row's number.
    """
    session.add(
        AuditEvent(
            at=at,
            person_id=person_id,
            registration_id=registration_id,
            administrator_id=administrator_id,
            district_id=district_id,
            action=action,
            subject=subject,
            detail=detail,
        )
    )
