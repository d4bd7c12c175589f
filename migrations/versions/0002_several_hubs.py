"""several hubs: what a repository holds, what saves reading a listing again, when a cadence was judged."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("hub", sa.Column("access", sa.Text(), nullable=True))
    op.add_column("hub", sa.Column("newest_due_at", moment, nullable=True))
    op.add_column("hub", sa.Column("newest_until", moment, nullable=True))
    op.add_column("organization", sa.Column("judged_until", sa.Date(), nullable=True))
    op.add_column(
        "organization", sa.Column("unjudged", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("account", sa.Column("validator", sa.Text(), nullable=True))
    op.add_column("account", sa.Column("hinted_at", moment, nullable=True))
    op.add_column("account", sa.Column("published_at", moment, nullable=True))
    # Those that published lately are swept more often from the start.
    op.execute(
        "UPDATE account SET published_at = (SELECT max(repo.created_at) FROM repo"
        " WHERE repo.hub = account.hub AND repo.account = account.name AND repo.state = 'public')"
    )
    with op.batch_alter_table("account", recreate="never") as batch:
        batch.drop_column("listing_digest")
    op.add_column("release", sa.Column("weights", sa.String(10), nullable=False, server_default="yes"))
    op.add_column("repo", sa.Column("weights", sa.String(10), nullable=False, server_default="yes"))
    op.add_column("repo", sa.Column("found_late", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("repo", sa.Column("disabled", sa.Boolean(), nullable=True))
    op.add_column("repo", sa.Column("licence_name", sa.Text(), nullable=True))
    op.add_column("repo", sa.Column("licence_link", sa.Text(), nullable=True))
    op.add_column("repo", sa.Column("same_as", sa.Text(), nullable=True))
    op.add_column("repo", sa.Column("contents", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("repo", sa.Column("confirms", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("change", sa.Column("detail", sa.Text(), nullable=True))
