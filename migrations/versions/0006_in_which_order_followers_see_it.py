"""numbers of changes and releases, in the order in which whoever follows sees them"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "numbering",
        sa.Column("name", sa.String(10), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_numbering")),
    )
    # Not by batch_alter_table: that would make the tables anew, and triggers and other tables refer to them.
    for table, id_column in (("change", "id"), ("release_card", "release_id")):
        op.add_column(table, sa.Column("number", sa.BigInteger(), nullable=True))
        op.create_index(op.f(f"ix_{table}_number"), table, ["number", id_column], unique=False)
