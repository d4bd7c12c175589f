"""everything that the monitor remembers."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("quota", sa.Integer(), nullable=True),
        sa.Column("window_seconds", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_hub")),
    )
    op.create_table(
        "organization",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("watched", sa.Boolean(), nullable=False),
        sa.Column("cadence", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("dispersion", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_organization")),
    )
    op.create_table(
        "receiver",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_receiver")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization", sa.String(length=80), nullable=False),
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("listed_as", sa.Text(), nullable=True),
        sa.Column("watched", sa.Boolean(), nullable=False),
        sa.Column("unwatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("repos_listed", sa.Integer(), nullable=True),
        sa.Column("listing_digest", sa.Text(), nullable=True),
        sa.Column("rows_set_aside", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("blind_since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization"], ["organization.key"], name=op.f("fk_account_organization_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("hub", "name", name=op.f("uq_account_hub")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_next_poll_at"), ["next_poll_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_account_organization"), ["organization"], unique=False)

    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization", sa.String(length=80), nullable=False),
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("hub_id", sa.String(length=200), nullable=False),
        sa.Column("repo", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization"], ["organization.key"], name=op.f("fk_change_organization_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_change_organization"), ["organization"], unique=False)
        batch_op.create_index(batch_op.f("ix_change_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization", sa.String(length=80), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization"], ["organization.key"], name=op.f("fk_release_organization_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_release_organization"), ["organization"], unique=False)
        batch_op.create_index(batch_op.f("ix_release_released_at"), ["released_at"], unique=False)

    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("organization", sa.String(length=80), nullable=True),
        sa.Column("release_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("message", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization"], ["organization.key"], name=op.f("fk_alert_organization_organization")
        ),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_alert_release_id_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("key", name=op.f("uq_alert_key")),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_organization"), ["organization"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_raised_at"), ["raised_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_alert_release_id"), ["release_id"], unique=False)

    op.create_table(
        "blind_spot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_blind_spot_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blind_spot")),
    )
    with op.batch_alter_table("blind_spot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blind_spot_account_id"), ["account_id"], unique=False)

    op.create_table(
        "repo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organization", sa.String(length=80), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=True),
        sa.Column("hub", sa.String(length=40), nullable=False),
        sa.Column("hub_id", sa.String(length=200), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("missing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_modified", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sha", sa.Text(), nullable=True),
        sa.Column("gated", sa.Text(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("pipeline_tag", sa.Text(), nullable=True),
        sa.Column("library", sa.Text(), nullable=True),
        sa.Column("base_models", sa.JSON(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization"], ["organization.key"], name=op.f("fk_repo_organization_organization")
        ),
        sa.ForeignKeyConstraint(["release_id"], ["release.id"], name=op.f("fk_repo_release_id_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repo")),
        sa.UniqueConstraint("hub", "hub_id", name=op.f("uq_repo_hub")),
    )
    with op.batch_alter_table("repo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_repo_organization"), ["organization"], unique=False)
        batch_op.create_index(batch_op.f("ix_repo_release_id"), ["release_id"], unique=False)

    op.create_table(
        "set_aside",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_set_aside_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_aside")),
    )
    with op.batch_alter_table("set_aside", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_set_aside_account_id"), ["account_id"], unique=False)

    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=36), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("plainness", sa.Integer(), nullable=False),
        sa.Column("message", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_notification_alert_id_alert")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("alert_id", "receiver", name=op.f("uq_notification_alert_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_notification_uid")),
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notification_alert_id"), ["alert_id"], unique=False)
        batch_op.create_index("ix_notification_state_due_at", ["state", "due_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index("ix_notification_state_due_at")
        batch_op.drop_index(batch_op.f("ix_notification_alert_id"))

    op.drop_table("notification")
    with op.batch_alter_table("set_aside", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_set_aside_account_id"))

    op.drop_table("set_aside")
    with op.batch_alter_table("repo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_repo_release_id"))
        batch_op.drop_index(batch_op.f("ix_repo_organization"))

    op.drop_table("repo")
    with op.batch_alter_table("blind_spot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blind_spot_account_id"))

    op.drop_table("blind_spot")
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alert_release_id"))
        batch_op.drop_index(batch_op.f("ix_alert_raised_at"))
        batch_op.drop_index(batch_op.f("ix_alert_organization"))

    op.drop_table("alert")
    with op.batch_alter_table("release", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_release_released_at"))
        batch_op.drop_index(batch_op.f("ix_release_organization"))

    op.drop_table("release")
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_change_seen_at"))
        batch_op.drop_index(batch_op.f("ix_change_organization"))

    op.drop_table("change")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_organization"))
        batch_op.drop_index(batch_op.f("ix_account_next_poll_at"))

    op.drop_table("account")
    op.drop_table("receiver")
    op.drop_table("organization")
    op.drop_table("hub")
