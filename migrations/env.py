"""Alembic's entry: the URL or connection comes from the caller."""

from typing import Any

from alembic import context
from sqlalchemy import create_engine

from monitor.store.tables import Base, UtcDateTime


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write our moment type as the plain one: a migration imports nothing of ours."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Any) -> None:
    """Run the migrations on an open connection."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=False,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = context.config.get_main_option("sqlalchemy.url") or ""
    with create_engine(url).connect() as opened:
        run(opened)
        opened.commit()
