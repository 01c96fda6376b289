"""Out of how many points each score was that was sent. Rows of the release before stay without."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new column, which may be empty."""
    with op.batch_alter_table("score_delivery", schema=None) as batch_op:
        batch_op.add_column(sa.Column("points_maximum", sa.Double(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    with op.batch_alter_table("score_delivery", schema=None) as batch_op:
        batch_op.drop_column("points_maximum")
