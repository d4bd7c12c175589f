"""Ask the Hugging Face Hub: one request, its answer's status read as what it means."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import httpx2

from monitor import addresses
from monitor.errors import HubError, Trouble
from monitor.hubs.http import Bounds, PoliteTransport, leading_nowhere
from monitor.hubs.huggingface_library import library_headers
from monitor.hubs.politeness import Politeness
from monitor.hubs.reading import load_json
from monitor.hubs.wire import Answer

HUB = "huggingface"


class Api:
    """Requests to one hub, with our name and token. Safe for many threads. Raises ValueError for a bad token."""

    def __init__(
        self,
        endpoint: str,
        token: str | None,
        politeness: Politeness,
        clock: Callable[[], datetime],
        timeout: timedelta,
        contact: str | None,
    ) -> None:
        self.endpoint = endpoint.rstrip("/")
        # As the client writes it out: the wire, asked without the client, takes no other spelling.
        self.models = str(httpx2.URL(f"{self.endpoint}/api/models"))
        self._token = addresses.token(token) if token else None
        transport = PoliteTransport(HUB, self.endpoint, politeness, clock, Bounds(total=timeout))
        headers = library_headers(self._token, contact)
        self._wire = transport.wire
        self._headers = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
        self._client = httpx2.Client(
            headers=headers,
            transport=transport,
            follow_redirects=True,
            max_redirects=5,
            trust_env=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(
        self,
        url: str,
        query: Mapping[str, str | int | list[str]] | None = None,
        *,
        urgent: bool = False,
        bucket: str = "",
    ) -> httpx2.Response:
        """Ask, following redirects on this hub. Raises HubError; any status below 500 but 429 is an answer.

        `urgent` and `bucket` are Politeness's words.
        """
        with leading_nowhere(HUB):
            return self._client.get(url, params=query, extensions={"urgent": urgent, "bucket": bucket})

    def ask(self, url: str, etag: str | None = None, *, urgent: bool = False) -> Answer:
        """Ask in the cheapest way, for nothing if the page is still what the ETag stands for. Raises HubError.

        A redirect is an answer. `url` is one that a client library has written out.
        """
        asked = [*self._headers, (b"If-None-Match", etag.encode("ascii"))] if etag else self._headers
        return self._wire.exchange("GET", url, asked, urgent=urgent)

    def check(self, status: int) -> None:
        """Raise HubError for any status but 200."""
        if status in (401, 403):
            hint = "; probably HF_TOKEN is invalid or has expired" if self._token else ""
            raise HubError(f"{HUB} refuses with {status}{hint}", Trouble.REFUSED)
        if status != 200:
            raise HubError(f"{HUB} answers {status} where 200 belongs", Trouble.SHAPE)

    def read(self, response: httpx2.Response) -> object:
        """Return the JSON of an answer that must be 200. Raises HubError."""
        self.check(response.status_code)
        return load_json(response.content)

    def is_gone(self, response: httpx2.Response) -> bool:
        """Whether a repository is deleted or private, which cannot be told apart."""
        # With a token the hub says 404 for what does not exist; 401 then means that the token is broken.
        return response.status_code in ((404, 410) if self._token else (401, 404, 410))
