"""Remember everything: SQLAlchemy tables, units of work, and what is read from and written to them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from monitor.store.engine import open_engine, unit_of_work

# A unit of work: one transaction, handed to the functions of this package.
Transaction = Session


class Store:
    """The database. All changes happen inside `writing()`; no network call belongs in there."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """One transaction that is committed at the end and rolled back on any error. Raises StoreError."""
        with unit_of_work(self.engine, writes=True) as transaction:
            yield transaction

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One transaction that only reads. Raises StoreError."""
        with unit_of_work(self.engine, writes=False) as transaction:
            yield transaction

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()
