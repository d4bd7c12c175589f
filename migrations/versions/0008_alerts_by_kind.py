"""alerts by kind, by level, and by what they go on from"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_alert_answers"), "alert", ["answers"], unique=False)
    op.create_index("ix_alert_kind", "alert", ["kind", "id"], unique=False)
    op.create_index("ix_alert_level", "alert", ["level", "id"], unique=False)
