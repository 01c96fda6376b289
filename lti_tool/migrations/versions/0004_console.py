"""The console: administrators, grants, sessions, jobs; whether names are kept.

New columns have a default in the database, so that the release before can go on writing rows.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """New tables and columns."""
    op.create_table(
        "admin_login",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("code_verifier", sa.String(length=128), nullable=False),
        sa.Column("next_path", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_admin_login")),
        info={"person_columns": {}, "reason": "made before anybody is known; gone after ten minutes"},
    )
    with op.batch_alter_table("admin_login", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_admin_login_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "administrator",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=512), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("encrypted_name", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_administrator")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_administrator_issuer_subject")),
        info={
            "person_columns": {},
            "reason": "staff of a school authority, who sign in to the console; forgotten 400 days after the last time",
        },
    )
    op.create_table(
        "background_job",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.String(length=128), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_background_job")),
        info={"person_columns": {}, "reason": "tells of the installation's own work"},
    )
    op.create_table(
        "admin_invitation",
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_admin_invitation_district_id")),
        sa.PrimaryKeyConstraint("secret_hash", name=op.f("pk_admin_invitation")),
        info={"person_columns": {}, "reason": "made before anybody has come with it"},
    )
    op.create_table(
        "admin_session",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("administrator_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=True),
        sa.Column("encrypted_id_token", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["administrator_id"], ["administrator.id"], name=op.f("fk_admin_session_administrator_id")
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_admin_session_district_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_admin_session_secret_hash")),
        info={
            "person_columns": {},
            "reason": "staff of a school authority, who sign in to the console; forgotten 400 days after the last time",
        },
    )
    with op.batch_alter_table("admin_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_admin_session_administrator_id"), ["administrator_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_admin_session_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "admin_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("group_name", sa.String(length=255), nullable=True),
        sa.Column("administrator_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["administrator_id"], ["administrator.id"], name=op.f("fk_admin_grant_administrator_id")
        ),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name=op.f("fk_admin_grant_district_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_admin_grant_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admin_grant")),
        info={
            "person_columns": {},
            "reason": "staff of a school authority, who sign in to the console; forgotten 400 days after the last time",
        },
    )
    with op.batch_alter_table("admin_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_admin_grant_district_id"), ["district_id"], unique=False)

    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("administrator_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("district_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_audit_district_id"), ["district_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_audit_district_id"), "district", ["district_id"], ["id"])
        batch_op.create_foreign_key(
            batch_op.f("fk_audit_administrator_id"), "administrator", ["administrator_id"], ["id"]
        )

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("district_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("display_names", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.create_foreign_key(batch_op.f("fk_invitation_district_id"), "district", ["district_id"], ["id"])

    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.add_column(sa.Column("display_names", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_column("display_names")

    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_invitation_district_id"), type_="foreignkey")
        batch_op.drop_column("display_names")
        batch_op.drop_column("district_id")

    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_audit_administrator_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_audit_district_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_audit_district_id"))
        batch_op.drop_column("district_id")
        batch_op.drop_column("administrator_id")

    with op.batch_alter_table("admin_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admin_grant_district_id"))

    op.drop_table("admin_grant")
    with op.batch_alter_table("admin_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admin_session_expires_at"))
        batch_op.drop_index(batch_op.f("ix_admin_session_administrator_id"))

    op.drop_table("admin_session")
    op.drop_table("admin_invitation")
    op.drop_table("background_job")
    op.drop_table("administrator")
    with op.batch_alter_table("admin_login", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_admin_login_expires_at"))

    op.drop_table("admin_login")
