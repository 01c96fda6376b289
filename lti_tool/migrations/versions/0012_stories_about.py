"""What a pupil's stories are about. Rows of the release before stay without: of everything."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new column, which may be empty."""
    with op.batch_alter_table("pupil_preference", schema=None) as batch_op:
        batch_op.add_column(sa.Column("theme", sa.String(length=32), nullable=True))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("pupil_preference", schema=None) as batch_op:
        batch_op.drop_column("theme")
