"""slack_sdk's two clients, sending through a Guard and retrying nothing."""

from logging import CRITICAL, Logger
from typing import Any
from urllib.request import Request

from slack_sdk.web import WebClient
from slack_sdk.webhook import WebhookClient, WebhookResponse

from monitor.notify.guard import Guard


class GuardedWebClient(WebClient):
    """slack_sdk's client of the Web API, sending through a guard and retrying nothing."""

    def __init__(self, token: str, base_url: str, guard: Guard) -> None:
        # No retry handlers: the outbox is the only place that retries; slack_sdk's own would post twice.
        super().__init__(token=token, base_url=base_url, retry_handlers=[], logger=silent_logger())
        self._guard = guard

    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        answer = self._guard.open(req, self.proxy)
        return {"status": answer.status, "headers": answer.headers, "body": answer.body}

    def upload(self, url: str, data: bytes) -> int:
        """Post bytes to an address that Slack gave for them, without the token, and return the status."""
        headers = {"Content-Type": "application/octet-stream"}
        request = Request(url, data=data, headers=headers, method="POST")  # noqa: S310 - the caller checked it
        return self._guard.open(request, self.proxy).status


class GuardedWebhookClient(WebhookClient):
    """slack_sdk's client of incoming webhooks, sending through a guard and retrying nothing."""

    def __init__(self, url: str, guard: Guard) -> None:
        super().__init__(url=url, retry_handlers=[], logger=silent_logger())
        self._guard = guard

    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        answer = self._guard.open(req, self.proxy)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return WebhookResponse(url=url, status_code=answer.status, body=answer.body, headers=headers)


def silent_logger() -> Logger:
    """Return a logger outside the tree that says nothing: slack_sdk logs the webhook's address at DEBUG."""
    return Logger("slack_sdk", CRITICAL + 1)
