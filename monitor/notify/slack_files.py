"""Add the picture of a chart to a message that was posted, in its thread."""

import re
from urllib.parse import urlsplit

from monitor.addresses import is_encrypted
from monitor.charts.png import MISSING, can_draw, png
from monitor.core.telling import Message, Notification
from monitor.core.text import cut, named
from monitor.errors import NotifyError, Outcome
from monitor.notify.slack_http import GuardedWebClient

# How Slack is shown a chart: drawn by itself, or as a picture.
NATIVE, PNG = "native", "png"

_SLACK = re.compile(r"([a-z0-9-]+\.)*(slack\.com|slack-gov\.com|slack-files\.com)")
_TITLE = 200


def is_picture_due(notification: Notification, charts: str) -> bool:
    """Tell whether a message needs a picture: that was asked for, or its native chart was refused."""
    if notification.message.chart is None:
        return False
    return charts == PNG or (charts == NATIVE and notification.plainness > 0 and can_draw())


def add_picture(client: GuardedWebClient, message: Message, thread: str, api_url: str) -> None:
    """Upload the message's chart into a thread, "channel id/timestamp". Needs the scope `files:write`.

    Three steps, see https://docs.slack.dev/messaging/working-with-files; no `alt_txt`, with which Slack says yes and
    shows nothing (slackapi/python-slack-sdk, issue 1818). Raises SlackApiError or NotifyError.
    """
    if not can_draw() or message.chart is None:
        raise NotifyError(MISSING, Outcome.BAD_MESSAGE)
    picture, (channel, _, stamp) = png(message.chart), thread.partition("/")
    place = client.files_getUploadURLExternal(filename="chart.png", length=len(picture))
    url, file = place.get("upload_url"), place.get("file_id")
    if not isinstance(url, str) or not isinstance(file, str) or not _is_slacks(url, api_url):
        raise NotifyError("Slack gave no address of its own for the picture", Outcome.BAD_MESSAGE)
    if (status := client.upload(url, picture)) != 200:
        raise NotifyError(f"the upload of the picture was answered with {status}", Outcome.BAD_MESSAGE)
    titled: dict[str, str | None] = {"id": file, "title": cut(named(message.chart.title), _TITLE)}
    client.files_completeUploadExternal(files=[titled], channel_id=channel, thread_ts=stamp)


def _is_slacks(url: str, api_url: str) -> bool:
    """Tell whether an address is Slack's, or on the very host that stands in for it."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    known = bool(_SLACK.fullmatch(host)) or host == urlsplit(api_url).hostname
    return known and is_encrypted(url)
