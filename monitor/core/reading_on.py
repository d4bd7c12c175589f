"""Where a message leads for who wants to read on: to our own pages, where readers can reach them."""

from dataclasses import replace

from monitor.core.telling import AlertKind, Notification


def leading_to_pages(notification: Notification, public_url: str | None) -> Notification:
    """Return the notification with its message leading to the page on what it tells of; as it is without an address.

    `public_url` has no slash at its end.
    """
    if public_url is None:
        return notification
    return replace(notification, message=replace(notification.message, url=public_url + _path(notification)))


def _path(notification: Notification) -> str:
    if notification.release is not None:
        return f"/releases/{notification.release}"
    if notification.kind == AlertKind.CADENCE and notification.organization:
        return f"/organizations/{notification.organization}"
    return "/alerts" if notification.alert is None else f"/alerts/{notification.alert}"
