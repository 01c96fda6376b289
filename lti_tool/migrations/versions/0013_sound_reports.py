"""Reports of sounds that can't be heard or say a word wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new table."""
    op.create_table(
        "sound_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("recording", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("word", sa.String(length=64), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sound_report_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sound_report")),
        sa.UniqueConstraint("person_id", "recording", "kind", name=op.f("uq_sound_report_person_id_recording_kind")),
        info={"person_columns": {"person_id": "pseudonymise"}},
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("sound_report")
