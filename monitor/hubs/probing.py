"""Ask a hub one thing and see the bare answer, over the polite layer, a few times at most."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from monitor.errors import HubError, Trouble
from monitor.hubs.http import Bounds, ask, polite_client, user_agent
from monitor.hubs.politeness import Politeness
from monitor.hubs.reading import load_json

# After one of these there is no use in asking the hub anything more.
_MUTE = frozenset({Trouble.UNREACHABLE, Trouble.QUOTA})

Query = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Access:
    """How a hub is reached; `token` None means anonymous."""

    hub: str
    endpoint: str
    token: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """What a hub answered; `headers` looks names up without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """Return what is in the body. Raises HubError where it is no JSON, or no answer to a question at all."""
        if self.status != 200:
            raise HubError(
                f"answers {self.status}", Trouble.REFUSED if self.status in (401, 403) else Trouble.SHAPE
            )
        return load_json(self.body)


class Prober:
    """Asks one hub, reading only, `gap` apart; `timeout` bounds each request in all.

    There are at most `limit` requests, those that follow a redirect among them. What was asked before is answered
    from memory, a failure too, so that several questions share one request. Use it as a context manager, in one
    thread.
    """

    def __init__(
        self,
        access: Access,
        clock: Callable[[], datetime],
        timeout: timedelta = timedelta(seconds=30),
        limit: int = 8,
        gap: timedelta = timedelta(milliseconds=100),
    ) -> None:
        self.access = access
        self._left = limit
        self._asked: dict[object, Probe | HubError] = {}
        self._muted: HubError | None = None
        headers = {"User-Agent": user_agent(access.contact)}
        if access.token:
            headers["Authorization"] = f"Bearer {access.token}"
        politeness = Politeness(access.hub, gap=gap)
        self._client = polite_client(
            access.hub, access.endpoint, politeness, clock, headers, Bounds(total=timeout)
        )
        self._client.event_hooks = {"request": [self._count]}

    def __enter__(self) -> "Prober":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def probe(
        self, path: str, query: Query, headers: Mapping[str, str] | None = None, *, follow: bool = True
    ) -> Probe:
        """Ask for a path below the endpoint. Raises HubError where no answer came, or the limit is reached.

        `follow` False shows a redirect itself.
        """
        question = (path, *query.items(), *(headers or {}).items(), follow)
        if question not in self._asked:
            self._asked[question] = self._ask(path, query, headers or {}, follow)
        answer = self._asked[question]
        if isinstance(answer, HubError):
            raise answer
        return answer

    def _ask(self, path: str, query: Query, headers: Mapping[str, str], follow: bool) -> Probe | HubError:
        if self._muted is not None:
            return self._muted
        url = f"{self.access.endpoint}{path}"
        try:
            response = ask(
                self._client, self.access.hub, url, params=query, headers=headers, follow_redirects=follow
            )
        except HubError as error:
            self._muted = error if error.trouble in _MUTE else None
            return error
        return Probe(response.status_code, response.headers, response.content)

    def _count(self, _: httpx.Request) -> None:
        """Enter a request that is about to be sent, a redirect's too. Raises HubError at the limit."""
        if self._left == 0:
            raise HubError("was asked often enough", Trouble.QUOTA)
        self._left -= 1
