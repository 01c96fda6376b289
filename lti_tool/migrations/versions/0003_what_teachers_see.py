"""What teachers see and do: practice counted as it happens, steering, notes, materials, sections, sample classes.

New columns have a default in the database, so that the release before can go on writing rows. Answers that it takes
meanwhile are counted with the pupil's next one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0011"
branch_labels = None
depends_on = None

COUNT_TOTALS = """
INSERT INTO practice_total (activity_id, person_id, tries, honest, "right", sittings, seconds, latest,
                            last_sitting_id, last_opportunity_id)
SELECT activity_id, person_id,
       SUM(CASE WHEN outcome <> 'no_evidence' THEN 1 ELSE 0 END),
       SUM(CASE WHEN outcome <> 'no_evidence' AND honest THEN 1 ELSE 0 END),
       SUM(CASE WHEN correct THEN 1 ELSE 0 END),
       COUNT(DISTINCT sitting_id),
       SUM(CASE WHEN seconds > 300 THEN 300 ELSE COALESCE(seconds, 0) END),
       '', MAX(sitting_id), MAX(id)
FROM opportunity GROUP BY activity_id, person_id
"""
COUNT_DAYS = """
INSERT INTO practice_day (activity_id, person_id, day, tries, "right", sittings, seconds)
SELECT activity_id, person_id, DATE(answered_at),
       SUM(CASE WHEN outcome <> 'no_evidence' THEN 1 ELSE 0 END),
       SUM(CASE WHEN correct THEN 1 ELSE 0 END),
       COUNT(DISTINCT sitting_id),
       SUM(CASE WHEN seconds > 300 THEN 300 ELSE COALESCE(seconds, 0) END)
FROM opportunity GROUP BY activity_id, person_id, DATE(answered_at)
"""


def upgrade() -> None:
    """New tables and columns; what was practised so far is counted."""
    op.create_table(
        "practice_total",
        sa.Column("activity_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("honest", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("sittings", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("latest", sa.String(length=16), nullable=False),
        sa.Column("start_level", sa.Double(), nullable=True),
        sa.Column("last_sitting_id", sa.Integer(), nullable=True),
        sa.Column("last_opportunity_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_practice_total_activity_id_activity")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_practice_total_person_id_person")),
        sa.PrimaryKeyConstraint("activity_id", "person_id", name=op.f("pk_practice_total")),
        info={"person_columns": {"person_id": "delete"}},
    )
    op.create_table(
        "practice_day",
        sa.Column("activity_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("sittings", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_practice_day_activity_id_activity")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_practice_day_person_id_person")),
        sa.PrimaryKeyConstraint("activity_id", "person_id", "day", name=op.f("pk_practice_day")),
        info={"person_columns": {"person_id": "delete"}},
    )
    op.create_table(
        "steering",
        sa.Column("activity_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("skill_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("author_id", sa.String(length=32), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_steering_activity_id_activity")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_steering_person_id_person")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_steering_author_id_person")),
        sa.PrimaryKeyConstraint("activity_id", "person_id", "skill_id", name=op.f("pk_steering")),
        info={"person_columns": {"person_id": "delete", "author_id": "pseudonymise"}},
    )
    op.create_table(
        "teacher_note",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("activity_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("author_id", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_teacher_note_activity_id_activity")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_teacher_note_person_id_person")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_teacher_note_author_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teacher_note")),
        info={"person_columns": {"person_id": "delete", "author_id": "pseudonymise"}},
    )
    op.create_table(
        "material",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.String(length=128), nullable=False),
        sa.Column("author_id", sa.String(length=32), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("media_type", sa.String(length=64), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["context_id"], ["context.id"], name=op.f("fk_material_context_id_context")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_material_author_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material")),
        info={"person_columns": {"author_id": "pseudonymise"}},
    )
    op.create_index(op.f("ix_teacher_note_activity_id"), "teacher_note", ["activity_id"])
    op.create_index(op.f("ix_teacher_note_person_id"), "teacher_note", ["person_id"])
    op.create_index("ix_material_context_skill", "material", ["context_id", "skill_id"])
    op.create_index("ix_opportunity_activity_id", "opportunity", ["activity_id", "id"])
    op.create_index(op.f("ix_exposure_activity_id"), "exposure", ["activity_id"])
    with op.batch_alter_table("context") as table:
        table.add_column(sa.Column("sample", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("switched_off", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("membership") as table:
        table.add_column(sa.Column("sections", sa.JSON(), nullable=False, server_default="[]"))
    op.execute(COUNT_TOTALS)
    op.execute(COUNT_DAYS)


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("membership") as table:
        table.drop_column("sections")
    with op.batch_alter_table("context") as table:
        table.drop_column("switched_off")
        table.drop_column("sample")
    op.drop_index(op.f("ix_exposure_activity_id"), "exposure")
    op.drop_index("ix_opportunity_activity_id", "opportunity")
    op.drop_table("material")
    op.drop_table("teacher_note")
    op.drop_table("steering")
    op.drop_table("practice_day")
    op.drop_table("practice_total")
