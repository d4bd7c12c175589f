"""cards of releases, for lists, and the index of their words"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# An index of words over the column of another table, which is kept by triggers: SQLite's own pattern for it.
# Source: sqlite.org/fts5.html, 4.4.3 "External Content Tables". Detail: only which row has a term is asked.
FTS5 = (
    """CREATE VIRTUAL TABLE release_words USING fts5(
        words, content='release_card', content_rowid='place', detail='none', tokenize="ascii tokenchars '._'"
    )""",
    """CREATE TRIGGER release_card_added AFTER INSERT ON release_card BEGIN
        INSERT INTO release_words (rowid, words) VALUES (new.place, new.words);
    END""",
    """CREATE TRIGGER release_card_removed AFTER DELETE ON release_card BEGIN
        INSERT INTO release_words (release_words, rowid, words) VALUES ('delete', old.place, old.words);
    END""",
    """CREATE TRIGGER release_card_changed AFTER UPDATE OF place, words ON release_card BEGIN
        INSERT INTO release_words (release_words, rowid, words) VALUES ('delete', old.place, old.words);
        INSERT INTO release_words (rowid, words) VALUES (new.place, new.words);
    END""",
)


def upgrade() -> None:
    by_code_point = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    # Not by batch_alter_table: that would make the table anew, and other tables refer to its rows.
    op.add_column(
        "organization", sa.Column("cards", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.create_table(
        "release_card",
        sa.Column(
            "place",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("organization", by_code_point, nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", by_code_point, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("found_late", sa.Boolean(), nullable=False),
        sa.Column("weights", sa.String(10), nullable=False),
        sa.Column("openness", sa.String(10), nullable=False),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("parameters", sa.BigInteger(), nullable=False),
        sa.Column("repos", sa.Integer(), nullable=False),
        sa.Column("hubs", sa.JSON(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["release.id"],
            name=op.f("fk_release_card_release_id_release"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_release_card")),
        sa.UniqueConstraint("release_id", name=op.f("uq_release_card_release_id")),
    )
    for column, next_to in (
        ("organization", "place"),
        ("folded", "place"),
        ("parameters", "place"),
        ("day", "organization"),
    ):
        op.create_index(op.f(f"ix_release_card_{column}"), "release_card", [column, next_to], unique=False)
    values = ["kind", "licence", "openness", "country"]
    op.create_index(op.f("ix_release_card_kind"), "release_card", values, unique=False)
    if op.get_bind().dialect.name == "sqlite":
        for statement in FTS5:
            op.execute(statement)
    else:
        op.create_index(
            op.f("ix_release_card_words"), "release_card", ["words"], unique=False, postgresql_using="gin"
        )
