"""What an upgrade makes of what an older version had stored, on both databases."""

from datetime import UTC, datetime, timedelta

from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, insert

from monitor.bundled import bundled
from monitor.store import Store, limits
from monitor.store.migrate import upgrade

NOW = datetime(2026, 6, 12, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)
REPO = {
    "organization": "acme",
    "hub": "huggingface",
    "url": "https://hub.test/repo",
    "first_seen_at": NOW,
    "base_models": [],
}
ACCOUNT = {
    "organization": "acme",
    "hub": "huggingface",
    "watched": True,
    "next_poll_at": NOW,
    "rows_set_aside": 0,
    "failures": 0,
}


def test_who_published_lately_is_known_after_an_upgrade(database_url: str) -> None:
    store = Store(database_url)
    fill_version_1(store)
    upgrade(store.engine)
    with store.reading() as tx:
        assert limits.active_accounts(tx, "huggingface", NOW) == {1}
        assert limits.active_accounts(tx, "huggingface", NOW - 99 * DAY) == {1, 2}
        assert limits.hub_limits(tx, "huggingface", NOW).weight == 4.0
    store.close()


def fill_version_1(store: Store) -> None:
    """Three accounts: one published lately, one long ago, one never."""
    config, tables = Config(), MetaData()
    config.set_main_option("script_location", str(bundled("migrations")))
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with store.engine.begin() as connection:
        tables.reflect(connection)
        organization = {"key": "acme", "name": "Acme", "groups": [], "watched": True}
        connection.execute(insert(tables.tables["organization"]), organization)
        connection.execute(
            insert(tables.tables["account"]),
            [{**ACCOUNT, "id": n, "name": name} for n, name in enumerate(("lately", "before", "never"), 1)],
        )
        published = (
            ("lately", NOW - 2 * DAY, "public"),
            ("lately", NOW - 90 * DAY, "public"),
            ("before", NOW - 99 * DAY, "public"),
            ("before", NOW - DAY, "withdrawn"),
        )
        connection.execute(
            insert(tables.tables["repo"]),
            [
                {
                    **REPO,
                    "hub_id": f"id-{n}",
                    "account": account,
                    "name": "x",
                    "created_at": at,
                    "state": state,
                }
                for n, (account, at, state) in enumerate(published)
            ],
        )
