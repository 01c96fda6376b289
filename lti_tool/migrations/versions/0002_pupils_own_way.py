"""How pupils practise: settings of an activity, accommodations, goals, plans, confidence, pairs.

New columns have a default in the database, so that the release before can go on writing rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New settings and tables."""
    op.create_table(
        "accommodation",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("context_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.String(length=32), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("audio_always", sa.Boolean(), nullable=False),
        sa.Column("larger_text", sa.Boolean(), nullable=False),
        sa.Column("dyslexia_font", sa.Boolean(), nullable=False),
        sa.Column("fewer_choices", sa.Boolean(), nullable=False),
        sa.Column("no_audio", sa.Boolean(), nullable=False),
        sa.Column("high_contrast", sa.Boolean(), nullable=False),
        sa.Column("reduced_motion", sa.Boolean(), nullable=False),
        sa.Column("extra_days", sa.Integer(), nullable=False),
        sa.Column("start_grade", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_accommodation_person_id_person")),
        sa.ForeignKeyConstraint(["context_id"], ["context.id"], name=op.f("fk_accommodation_context_id_context")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_accommodation_author_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_accommodation")),
        info={"person_columns": {"person_id": "delete", "author_id": "pseudonymise"}},
    )
    op.create_table(
        "pupil_preference",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("locale", sa.String(length=16), nullable=True),
        sa.Column("look", sa.String(length=8), nullable=True),
        sa.Column("warmed_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pupil_preference_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_pupil_preference")),
        info={"person_columns": {"person_id": "delete"}},
    )
    op.create_table(
        "weekly_goal",
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("bank_id", sa.String(length=64), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_weekly_goal_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "bank_id", "week", name=op.f("pk_weekly_goal")),
        info={"person_columns": {"person_id": "delete"}},
    )
    op.create_table(
        "confidence",
        sa.Column("presented_item_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["presented_item_id"], ["presented_item.id"], name=op.f("fk_confidence_presented_item_id_presented_item")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_confidence_person_id_person")),
        sa.PrimaryKeyConstraint("presented_item_id", name=op.f("pk_confidence")),
        info={"person_columns": {"person_id": "delete"}},
    )
    op.create_table(
        "strategy_plan",
        sa.Column("sitting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("strategy", sa.String(length=64), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("helped", sa.String(length=16), nullable=True),
        sa.Column("reflected_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["sitting_id"], ["sitting.id"], name=op.f("fk_strategy_plan_sitting_id_sitting")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_strategy_plan_person_id_person")),
        sa.PrimaryKeyConstraint("sitting_id", name=op.f("pk_strategy_plan")),
        info={"person_columns": {"person_id": "delete"}},
    )
    op.create_table(
        "pair_activity",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("activity_id", sa.String(length=32), nullable=False),
        sa.Column("skill_id", sa.String(length=128), nullable=False),
        sa.Column("first_id", sa.String(length=32), nullable=False),
        sa.Column("second_id", sa.String(length=32), nullable=False),
        sa.Column("author_id", sa.String(length=32), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["activity_id"], ["activity.id"], name=op.f("fk_pair_activity_activity_id_activity")),
        sa.ForeignKeyConstraint(["first_id"], ["person.id"], name=op.f("fk_pair_activity_first_id_person")),
        sa.ForeignKeyConstraint(["second_id"], ["person.id"], name=op.f("fk_pair_activity_second_id_person")),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_pair_activity_author_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair_activity")),
        info={"person_columns": {"first_id": "delete", "second_id": "delete", "author_id": "pseudonymise"}},
    )
    op.create_index(op.f("ix_confidence_person_id"), "confidence", ["person_id"])
    op.create_index(op.f("ix_strategy_plan_person_id"), "strategy_plan", ["person_id"])
    op.create_index(op.f("ix_pair_activity_activity_id"), "pair_activity", ["activity_id"])
    op.create_index(op.f("ix_pair_activity_first_id"), "pair_activity", ["first_id"])
    op.create_index(op.f("ix_pair_activity_second_id"), "pair_activity", ["second_id"])
    with op.batch_alter_table("activity") as table:
        table.add_column(sa.Column("own_frontier", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("control", sa.String(length=16), nullable=False, server_default="shared"))
        table.add_column(sa.Column("hints", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("metacognition", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("start_check", sa.Boolean(), nullable=False, server_default=sa.true()))
        table.add_column(sa.Column("only_these", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("content_locale", sa.String(length=16), nullable=False, server_default=""))
    with op.batch_alter_table("sitting") as table:
        table.add_column(sa.Column("topic", sa.String(length=128), nullable=True))
        table.add_column(sa.Column("level", sa.String(length=8), nullable=True))
        table.add_column(sa.Column("purpose", sa.String(length=16), nullable=False, server_default="practice"))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("sitting") as table:
        table.drop_column("purpose")
        table.drop_column("level")
        table.drop_column("topic")
    with op.batch_alter_table("activity") as table:
        table.drop_column("content_locale")
        table.drop_column("only_these")
        table.drop_column("start_check")
        table.drop_column("metacognition")
        table.drop_column("hints")
        table.drop_column("control")
        table.drop_column("own_frontier")
    op.drop_table("pair_activity")
    op.drop_table("strategy_plan")
    op.drop_table("confidence")
    op.drop_table("weekly_goal")
    op.drop_table("pupil_preference")
    op.drop_table("accommodation")
