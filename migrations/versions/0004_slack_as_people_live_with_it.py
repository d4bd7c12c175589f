"""threads, digests, corrections of what was sent; who is muted; what Slack sent us."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    with op.batch_alter_table("alert") as batch:
        batch.add_column(sa.Column("answers", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_alert_answers_alert"), "alert", ["answers"], ["id"])
    with op.batch_alter_table("notification") as batch:
        batch.add_column(sa.Column("in_digest", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("carried_by", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("stale", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_foreign_key(
            op.f("fk_notification_carried_by_notification"), "notification", ["carried_by"], ["id"]
        )
        batch.create_index(op.f("ix_notification_carried_by"), ["carried_by"], unique=False)
        batch.create_index(op.f("ix_notification_stale"), ["stale"], unique=False)
    with op.batch_alter_table("receiver") as batch:
        batch.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")))
        batch.add_column(sa.Column("failed_at", moment, nullable=True))
    op.create_table(
        "mute",
        sa.Column("organization", sa.String(80), nullable=False),
        sa.Column("until", moment, nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization"], ["organization.key"], name=op.f("fk_mute_organization_organization")
        ),
        sa.PrimaryKeyConstraint("organization", name=op.f("pk_mute")),
    )
    op.create_table(
        "envelope",
        sa.Column("id", sa.String(100), nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_envelope")),
    )
    op.create_index(op.f("ix_envelope_seen_at"), "envelope", ["seen_at"], unique=False)
