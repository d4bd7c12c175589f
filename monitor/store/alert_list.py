"""Read alerts a page at a time, the newest first, each with what became of its delivery."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select, union_all

from monitor.store import Transaction
from monitor.store.reading import JsonRow, alert_value, notification_value
from monitor.store.rows import message_value
from monitor.store.tables import AlertRow, NotificationRow

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class AlertQuery:
    """What to show; () and None mean everything. `after` and `before` are ids of alerts on an earlier page."""

    organization: str | None = None
    kinds: tuple[str, ...] = ()
    level: str | None = None
    release: int | None = None
    after: int | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class AlertPage:
    """Some alerts, and with which ids to ask for the older and the newer ones; None at the ends."""

    rows: list[JsonRow]
    next: int | None
    previous: int | None


def alert_page(tx: Transaction, query: AlertQuery) -> AlertPage:
    """Return alerts in the order in which they were raised, which is that of their ids, the newest first."""
    is_back = query.before is not None
    most = min(query.limit, MOST_ROWS) + 1
    in_order = AlertRow.id if is_back else AlertRow.id.desc()
    wanted = select(AlertRow).where(*_conditions(query))
    if query.kinds:
        # The next ones of each kind, of which the next ones: of all kinds together no index is in their order.
        each = (_of_kind(query, kind).order_by(in_order).limit(most).subquery() for kind in query.kinds)
        wanted = select(AlertRow).where(AlertRow.id.in_(union_all(*(select(one.c.id) for one in each))))
    found = list(tx.scalars(wanted.order_by(in_order).limit(most)))
    is_more = len(found) > query.limit
    found = found[: query.limit]
    if is_back:
        found.reverse()
    if not found:
        return AlertPage([], None, None)
    has_next, has_previous = (True, is_more) if is_back else (is_more, query.after is not None)
    return AlertPage(
        _with_deliveries(tx, found), found[-1].id if has_next else None, found[0].id if has_previous else None
    )


def find_alert(tx: Transaction, alert_id: int) -> JsonRow | None:
    """Return one alert; None where there is none of this id."""
    row = tx.get(AlertRow, alert_id)
    return _with_deliveries(tx, [row])[0] if row else None


def _of_kind(query: AlertQuery, kind: str) -> Select[int]:
    return select(AlertRow.id).where(AlertRow.kind == kind, *_conditions(query))


def _conditions(query: AlertQuery) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if query.organization:
        found.append(AlertRow.organization == query.organization)
    if query.level:
        found.append(AlertRow.level == query.level)
    if query.release is not None:
        found.append(AlertRow.release_id == query.release)
    if query.after is not None:
        found.append(AlertRow.id < query.after)
    if query.before is not None:
        found.append(AlertRow.id > query.before)
    return found


def _with_deliveries(tx: Transaction, rows: list[AlertRow]) -> list[JsonRow]:
    ids = [row.id for row in rows]
    query = select(NotificationRow).where(NotificationRow.alert_id.in_(ids)).order_by(NotificationRow.id)
    notifications = tx.scalars(query).all()
    carriers = {row.carried_by for row in notifications if row.carried_by}
    carrying = {
        row.id: row for row in tx.scalars(select(NotificationRow).where(NotificationRow.id.in_(carriers)))
    }
    deliveries: dict[int, list[JsonRow]] = {number: [] for number in ids}
    for row in notifications:
        # What goes out within a digest fares like it.
        deliveries[row.alert_id].append(notification_value(carrying.get(row.carried_by or 0, row)))
    return [
        {
            **alert_value(row),
            "notifications": deliveries[row.id],
            "message": message_value(row.message),
            "release": row.release_id,
            "answers": row.answers,
        }
        for row in rows
    ]
