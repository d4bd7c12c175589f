"""The table of cards: one row a release, made for lists, and derived from the other tables (`monitor.store.cards`)."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from monitor.store.columns import Base

# On SQLite the key of the table itself: then rows lie in the order of their places.
_PLACE = BigInteger().with_variant(Integer(), "sqlite")

# Sorted by code points, as on SQLite, whatever the language of the server.
_SORTED = Text().with_variant(Text(collation="C"), "postgresql")


class CardRow(Base):
    """A release in a list; `monitor.core.card` says what each column is.

    `words` are the terms that it is found by (`monitor.core.finding`), with a blank on both sides of each. Their index
    is no part of this description: on PostgreSQL GIN over the column, on SQLite the FTS5 table `release_words`, which
    triggers keep; both are made by the migration.
    """

    __tablename__ = "release_card"
    __table_args__ = (
        Index("ix_release_card_organization", "organization", "place"),
        Index("ix_release_card_folded", "folded", "place"),
        Index("ix_release_card_parameters", "parameters", "place"),
        Index("ix_release_card_day", "day", "organization"),
        Index("ix_release_card_number", "number", "release_id"),
        Index("ix_release_card_kind", "kind", "licence", "openness", "country"),
    )
    place: Mapped[int] = mapped_column(_PLACE, primary_key=True, autoincrement=False)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"), unique=True)
    organization: Mapped[str] = mapped_column(_SORTED)
    country: Mapped[str | None]
    name: Mapped[str]
    folded: Mapped[str] = mapped_column(_SORTED)
    kind: Mapped[str]
    released_at: Mapped[datetime | None]
    basis: Mapped[str]
    first_seen_at: Mapped[datetime]
    found_late: Mapped[bool]
    weights: Mapped[str] = mapped_column(String(10))
    openness: Mapped[str] = mapped_column(String(10))
    licence: Mapped[str | None]
    parameters: Mapped[int] = mapped_column(BigInteger)
    repos: Mapped[int]
    hubs: Mapped[list[str]]
    url: Mapped[str | None]
    day: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
    # Where it comes for who follows; None: not yet. A card that is made anew comes again (`monitor.store.following`).
    number: Mapped[int | None] = mapped_column(BigInteger)
