"""the answers of hubs behind what is known"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hub", sa.String(40), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
    )
    # Not by batch_alter_table: that would make the tables anew.
    op.add_column("repo", sa.Column("first_answers", sa.JSON(), nullable=True))
    op.add_column("change", sa.Column("answers", sa.JSON(), nullable=True))
    op.create_index(op.f("ix_change_hub"), "change", ["hub", "hub_id"], unique=False)
