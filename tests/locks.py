"""Who waits for whom on a PostgreSQL."""

from monitor.store import Store


def waits_for_a_lock(store: Store) -> bool:
    """Tell whether somebody waits for somebody else on this database."""
    with store.engine.connect() as connection:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(connection.exec_driver_sql(asked).scalar())
