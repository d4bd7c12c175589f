"""A stand-in for GitHub's REST API, with its shapes, pages, entity tags, limits and redirects, and with faults."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from monitor.core.types import Listing, Unchanged
from monitor.demo.server import Answer, LocalServer, Request
from monitor.hubs.github import GitHub
from servers import Clock

JSON = ("Content-Type", "application/json; charset=utf-8")
CREATED = datetime(2026, 5, 2, 8, 25, 31, tzinfo=UTC)
_DOCS = "https://docs.github.com/rest"


@contextmanager
def github(
    url: str,
    token: str | None = None,
    clock: Callable[[], datetime] | None = None,
    seconds: float = 5,
    contact: str | None = None,
) -> Iterator[GitHub]:
    """Look at a server as at GitHub; a request may last so many seconds."""
    hub = GitHub(url, token, clock or Clock(), timedelta(seconds=seconds), contact=contact)
    try:
        yield hub
    finally:
        hub.close()


@dataclass(slots=True)
class Code:
    """A repository; `extra` overrides keys of its row."""

    number: int
    name: str  # "owner/name"
    created_at: datetime = CREATED
    pushed_at: datetime = CREATED
    private: bool = False
    fork: bool = False
    licence: str | None = "Apache-2.0"
    former_names: tuple[str, ...] = ()
    releases: tuple[dict[str, Any], ...] = ()
    extra: tuple[tuple[str, object], ...] = ()

    @property
    def owner(self) -> str:
        """The account."""
        return self.name.partition("/")[0]

    def row(self) -> dict[str, Any]:
        """What the hub says about it, of the keys that matter and some that do not."""
        licence = {"key": "other", "name": "Other", "spdx_id": self.licence, "url": None, "node_id": "MDc6"}
        return {
            "id": self.number,
            "node_id": f"R_kgDO{self.number}",
            "name": self.name.partition("/")[2],
            "full_name": self.name,
            "private": self.private,
            "owner": {"login": self.owner, "id": 9, "type": "Organization"},
            "html_url": f"https://github.com/{self.name}",
            "description": None,
            "fork": self.fork,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.pushed_at),
            "pushed_at": iso(self.pushed_at),
            "stargazers_count": 0,
            "archived": False,
            "disabled": False,
            "license": licence if self.licence else None,
            "visibility": "private" if self.private else "public",
            "default_branch": "main",
            **dict(self.extra),
        }


class StandInGitHub:
    """The hub, on a free port of 127.0.0.1 while the context lasts; `repos` may be changed at any time.

    `faults` are given instead of the true answers, one a request; None lets a request through. `spoil` is told
    of every true answer before it goes out, and may change it. `former` leads from an account's former name.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        repos: Iterable[Code] = (),
        *,
        users: Iterable[str] = (),
        empty: Iterable[str] = (),
        former: Iterable[tuple[str, str]] = (),
        tokens: Iterable[str] = (),
        quota: int | None = None,
        faults: Iterable[Answer | None] = (),
        spoil: Callable[[Request, Answer], Answer] | None = None,
        prefix: str = "",
    ) -> None:
        self.repos = list(repos)
        self.requests: list[Request] = []
        self.faults = list(faults)
        self.spoil = spoil
        self.charged = 0
        self._clock = clock
        self._users = frozenset(users)
        self._empty = frozenset(empty)
        self._former = dict(former)
        self._tokens = frozenset(tokens)
        self._quota = quota
        self._prefix = prefix
        self._ends: datetime | None = None
        self._server = LocalServer(self.answer)

    @property
    def url(self) -> str:
        """The endpoint, to be used as GITHUB_API_URL."""
        return self._server.url + self._prefix

    def __enter__(self) -> "StandInGitHub":
        self._server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.__exit__(None, None, None)

    def answer(self, request: Request) -> Answer:
        """Answer one request, with the hub's usual headers."""
        self.requests.append(request)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            return fault
        answer = self._charge(request, self._refusal(request) or self._content(request))
        return self.spoil(request, answer) if self.spoil else answer

    def _refusal(self, request: Request) -> Answer | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if "user-agent" not in request.headers:
            return Answer(
                403, (("Content-Type", "text/html"),), b"Request forbidden by administrative rules."
            )
        if token and token not in self._tokens:
            return said("Bad credentials", 401)
        return None

    def _content(self, request: Request) -> Answer:
        path = request.path.removeprefix(self._prefix).strip("/").split("/")
        match path:
            case ["orgs" | "users" as kind, account, "repos"]:
                return self._account_repos(request, kind, account)
            case ["organizations", number, "repos"]:
                owner = next(name for name in self._owners() if str(_number(name)) == number)
                return self._page(request, owner)
            case ["users", account]:
                found = next((name for name in self._owners() if _same(name, account)), None)
                return _json({"login": found, "id": _number(found)}) if found else said("Not Found", 404)
            case ["repos", owner, name, *rest]:
                return self._repo(f"{owner}/{name}", rest)
            case ["repositories", number, *rest]:
                return self._repo(number, rest)
        return said("Not Found", 404)

    def _owners(self) -> list[str]:
        return sorted({repo.owner for repo in self.repos} | self._users | self._empty)

    def _account_repos(self, request: Request, kind: str, account: str) -> Answer:
        if (now := self._former.get(account)) is not None and kind == "orgs":
            query = request.target.partition("?")[2]
            return said(
                "Moved Permanently", 301, ("Location", self._address(f"/orgs/{now}/repos?{query}", request))
            )
        found = next((name for name in self._owners() if _same(name, account)), None)
        if found is None or (kind == "orgs") == (found in self._users):
            return said("Not Found", 404)
        return self._page(request, found)

    def _page(self, request: Request, owner: str) -> Answer:
        size, number = int(request.first("per_page") or 30), int(request.first("page") or 1)
        rows = [repo for repo in self.repos if repo.owner == owner and not repo.private]
        if request.first("sort") == "pushed":
            rows.sort(key=lambda repo: repo.pushed_at, reverse=request.first("direction") == "desc")
        shown = rows[(number - 1) * size : number * size]
        headers: tuple[tuple[str, str], ...] = ()
        if len(rows) > number * size:
            query = "&".join(f"{key}={values[0]}" for key, values in request.query.items() if key != "page")
            path = self._address(f"/organizations/{_number(owner)}/repos?{query}", request)
            last = -(-len(rows) // size)
            headers = (("Link", f'<{path}&page={number + 1}>; rel="next", <{path}&page={last}>; rel="last"'),)
        return _json([repo.row() for repo in shown], 200, *headers)

    def _repo(self, key: str, rest: list[str]) -> Answer:
        for repo in self.repos:
            if repo.private:
                continue
            if key in (repo.name, str(repo.number)):
                return _json(list(repo.releases) if rest == ["releases"] else repo.row())
            if key in repo.former_names:
                path = "/".join(["", "repositories", str(repo.number), *rest])
                return said("Moved Permanently", 301, ("Location", path))
        return said("Not Found", 404)

    def _address(self, path: str, request: Request) -> str:
        return f"http://{request.headers['host']}{self._prefix}{path}"

    def _charge(self, request: Request, answer: Answer) -> Answer:
        """Add the limits and the entity tag, which tells of the body alone; a 304 is free for those with a token."""
        etag = f'W/"{hashlib.sha256(answer.body).hexdigest()}"'
        is_same = answer.status == 200 and request.headers.get("if-none-match") == etag
        now, authorized = self._clock(), "authorization" in request.headers
        if self._ends is None or now >= self._ends:
            self._ends, self.charged = now + timedelta(hours=1), 0
        self.charged += not (is_same and authorized)
        limit = self._quota or (5000 if authorized else 60)
        limits = (
            ("Date", format_datetime(now, usegmt=True)),
            ("X-RateLimit-Limit", str(limit)),
            ("X-RateLimit-Remaining", str(max(limit - self.charged, 0))),
            ("X-RateLimit-Reset", str(int(self._ends.timestamp()))),
            ("X-RateLimit-Used", str(min(self.charged, limit))),
            ("X-RateLimit-Resource", "core"),
        )
        if self.charged > limit:
            refusal = said("API rate limit exceeded for 127.0.0.1. (But here's the good news…)", 403)
            return Answer(403, (*refusal.headers, *limits), refusal.body)
        headers = (*answer.headers, *limits, ("Cache-Control", "public, max-age=60, s-maxage=60"))
        if answer.status == 200:
            headers = (*headers, ("ETag", etag), ("X-GitHub-Media-Type", "github.v3; format=json"))
        return Answer(304, headers) if is_same else Answer(answer.status, headers, answer.body)


def many(count: int, owner: str = "acme") -> list[Code]:
    """Repositories of one owner, the last one pushed to last."""
    return [Code(n, f"{owner}/C{n}", pushed_at=CREATED + timedelta(minutes=n)) for n in range(1, count + 1)]


def whole(seen: Listing | Unchanged) -> Listing:
    """What was seen, which is a listing."""
    assert isinstance(seen, Listing)
    return seen


def release(
    tag: str, published_at: datetime | None, *assets: tuple[str, int], **extra: object
) -> dict[str, Any]:
    """A release of acme/Code, made from a commit of the year before."""
    return {
        "id": 1,
        "html_url": f"https://github.com/acme/Code/releases/tag/{tag}",
        "tag_name": tag,
        "name": tag,
        "draft": published_at is None,
        "prerelease": False,
        "created_at": "2025-01-01T00:00:00Z",
        "published_at": iso(published_at) if published_at else None,
        "assets": [
            {
                "id": number,
                "name": name,
                "size": size,
                "state": "uploaded",
                "created_at": "2025-01-01T00:00:00Z",
            }
            for number, (name, size) in enumerate(assets)
        ],
        **extra,
    }


def said(message: str, status: int, *headers: tuple[str, str]) -> Answer:
    """An answer that only says what is the matter."""
    return _json({"message": message, "documentation_url": _DOCS, "status": str(status)}, status, *headers)


def iso(moment: datetime) -> str:
    """A time as the hub writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(value: object, status: int = 200, *headers: tuple[str, str]) -> Answer:
    return Answer(status, (JSON, *headers), json.dumps(value, separators=(",", ":")).encode())


def _number(name: str) -> int:
    return int.from_bytes(name.encode()[:4], "big")


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()
