"""A stand-in for the Hugging Face Hub that shows the repositories which are public at a given time.

Shapes and headers are those of huggingface.co in 2025 and 2026.
"""

import base64
import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from urllib.parse import quote, urlencode

from monitor.core.types import Quota
from monitor.demo.server import Answer, LocalServer, Request

LARGEST_PAGE = 1000
USUAL_PAGE = 30
# What a listing can be asked for; a single repository knows "usedStorage" besides.
LISTED_KEYS = frozenset(
    "author baseModels cardData childrenModelCount config createdAt disabled downloads downloadsAllTime "
    "evalResults gated gguf inference inferenceProviderMapping lastModified library_name likes mask_token "
    "model-index pipeline_tag private resourceGroup safetensors sha siblings spaces tags transformersInfo "
    "trendingScore widgetData".split()
)
_PLAIN_KEYS = (
    "_id id likes trendingScore private downloads tags pipeline_tag library_name createdAt modelId".split()
)
_JSON = ("Content-Type", "application/json; charset=utf-8")
_SECRET = {"error": "Invalid username or password."}


@dataclass(frozen=True, slots=True)
class DemoRepo:
    """A repository of the demo; created privately, public from `public_from` until `public_until`."""

    name: str  # "owner/name"
    created_at: datetime
    public_from: datetime
    public_until: datetime | None = None
    pipeline_tag: str | None = None
    library: str | None = None
    tags: tuple[str, ...] = ()
    gated: str | bool = False
    former_names: tuple[str, ...] = ()
    hub_id: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)  # overrides keys of its row

    @property
    def owner(self) -> str:
        """The account, "" for the oldest repositories, which have none."""
        return self.name.rpartition("/")[0]

    @property
    def object_id(self) -> str:
        """24 hexadecimal digits, the first 8 of them the creation time, as the hub makes them."""
        return self.hub_id or f"{int(self.created_at.timestamp()):08x}{_digest(self.name)[:16]}"

    def is_public(self, now: datetime) -> bool:
        """Whether everybody can see it."""
        return self.public_from <= now and (self.public_until is None or now < self.public_until)

    def row(self, now: datetime) -> dict[str, object]:
        """Everything that the hub says about it."""
        created = _iso(self.created_at)
        return {
            "_id": self.object_id,
            "id": self.name,
            "author": self.owner,
            "gated": self.gated,
            "lastModified": created,
            "likes": 0,
            "trendingScore": 0,
            "private": not self.is_public(now),
            "disabled": False,
            "sha": _digest(self.name)[:40],
            "downloads": 0,
            "tags": [*self.tags, "region:us"],
            **({"pipeline_tag": self.pipeline_tag} if self.pipeline_tag else {}),
            **({"library_name": self.library} if self.library else {}),
            "createdAt": created,
            "modelId": self.name,
            "siblings": [{"rfilename": ".gitattributes"}, {"rfilename": "README.md"}],
            **self.extra,
        }


class DemoHub:
    """The hub, on a free port of 127.0.0.1 while the context lasts.

    Quota is counted in windows of `clock`'s time. Anonymous requests see what is public; those with one of
    `tokens` see private repositories too; any other token is refused everywhere, as on the real hub.
    """

    def __init__(
        self,
        clock: Callable[[], datetime],
        repos: Iterable[DemoRepo],
        *,
        organizations: Iterable[str] = (),
        users: Iterable[str] = (),
        tokens: Iterable[str] = (),
        quota: Quota | None = None,
    ) -> None:
        self.clock = clock
        self.repos = tuple(repos)
        self._users = frozenset(users)
        self._organizations = frozenset(organizations) | {repo.owner for repo in self.repos} - self._users
        self._tokens = frozenset(tokens)
        self._meter = _Meter(quota or Quota(500, timedelta(minutes=5)))
        self._server = LocalServer(self.answer)

    @property
    def url(self) -> str:
        """The endpoint, to be used as HF_ENDPOINT."""
        return self._server.url

    def __enter__(self) -> "DemoHub":
        self._server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.__exit__(None, None, None)

    def answer(self, request: Request) -> Answer:
        """Answer one request, with the hub's usual headers."""
        now = self.clock()
        remaining, headers = self._meter.count(now)
        if remaining < 0:
            text = b"We had to rate limit your IP (127.0.0.1). To continue using our service, create a HF account"
            return Answer(429, (*headers, ("Content-Type", "text/plain")), text)
        return _dressed(self._content(request, now), headers, request)

    def _content(self, request: Request, now: datetime) -> Answer:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token and token not in self._tokens:
            return _json(_SECRET, 401)
        seen = [repo for repo in self.repos if token or repo.is_public(now)]
        match request.path.strip("/").split("/"):
            case ["api", "models"]:
                return _listing(request, seen, now)
            case ["api", "models", *name]:
                return _single(request, "/".join(name), seen, now)
            case ["api", "organizations" | "users" as kind, account, "overview"]:
                return self._overview(kind, account, now)
        return _json({"error": "Sorry, we can't find the page you are looking for."}, 404)

    def _overview(self, kind: str, account: str, now: datetime) -> Answer:
        known = self._organizations if kind == "organizations" else self._users
        if account not in known:
            return _json({"error": f"This {kind.removesuffix('s')} does not exist"}, 404)
        count = sum(repo.owner == account and repo.is_public(now) for repo in self.repos)
        key = "name" if kind == "organizations" else "user"
        return _json(
            {key: account, "fullname": account, "numModels": count, "numDatasets": 0, "numSpaces": 0}
        )


class _Meter:
    """Counts requests in fixed windows."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._ends: datetime | None = None
        self._left = quota.requests
        self._lock = Lock()

    def count(self, now: datetime) -> tuple[int, tuple[tuple[str, str], ...]]:
        """Count one request; return what remains, negative if it is one too many, and the headers saying so."""
        with self._lock:
            if self._ends is None or now >= self._ends:
                self._ends, self._left = now + self._quota.window, self._quota.requests
            self._left -= 1
            left, seconds = self._left, int((self._ends - now).total_seconds())
        policy = f'"fixed window";"api";q={self._quota.requests};w={int(self._quota.window.total_seconds())}'
        return left, (
            ("RateLimit", f'"api";r={max(left, 0)};t={seconds}'),
            ("RateLimit-Policy", policy),
        )


def _listing(request: Request, seen: Iterable[DemoRepo], now: datetime) -> Answer:
    """List by author (exact, case-sensitive, unknown ones give an empty list), newest first if asked so.

    Pages follow the `_id`, hence rows that appear while a client walks shift no page.
    """
    expand = request.query.get("expand", []) + request.query.get("expand[]", [])
    if unknown := set(expand) - LISTED_KEYS:
        return _json({"error": f"Invalid expand: {', '.join(sorted(unknown))}"}, 400)
    author, cursor = request.first("author"), _cursor(request.first("cursor"))
    newest_first = request.first("sort") == "createdAt"  # any other value is ignored
    rows = [repo for repo in seen if author is None or repo.owner == author]
    rows.sort(key=lambda repo: repo.object_id, reverse=newest_first)
    if cursor is not None:
        rows = [
            repo for repo in rows if (repo.object_id < cursor) == newest_first and repo.object_id != cursor
        ]
    size = _page_size(request.first("limit"))
    headers = (_link(request, rows[size - 1], newest_first),) if len(rows) > size else ()
    return _json([_shown(repo.row(now), expand) for repo in rows[:size]], 200, headers)


def _single(request: Request, name: str, seen: Iterable[DemoRepo], now: datetime) -> Answer:
    """Show one repository whole; lead from a former name to the present one; else say no more than the hub."""
    for repo in seen:
        if repo.name == name:
            expand = request.query.get("expand", []) + request.query.get("expand[]", [])
            return _json(_shown(repo.row(now), expand) if expand else repo.row(now))
    for repo in seen:
        if name in repo.former_names:
            query = f"?{request.target.partition('?')[2]}" if "?" in request.target else ""
            return Answer(307, (("Location", f"/api/models/{quote(repo.name)}{query}"),))
    if "authorization" in request.headers:
        missing = (("X-Error-Code", "RepoNotFound"), ("X-Error-Message", "Repository not found"))
        return _json({"error": "Repository not found"}, 404, missing)
    return _json(_SECRET, 401)


def _shown(row: Mapping[str, object], expand: Iterable[str]) -> dict[str, object]:
    """With `expand` the two ids and what was asked for; without it the plain row, which knows no gating."""
    keys = {"_id", "id", *expand} if (expand := list(expand)) else set(_PLAIN_KEYS)
    return {key: value for key, value in row.items() if key in keys}


def _page_size(limit: str | None) -> int:
    return min(int(limit), LARGEST_PAGE) if limit and limit.isdigit() and int(limit) else USUAL_PAGE


def _cursor(encoded: str | None) -> str | None:
    if encoded is None:
        return None
    return str(next(iter(json.loads(base64.b64decode(encoded))["_id"].values())))


def _link(request: Request, last: DemoRepo, newest_first: bool) -> tuple[str, str]:
    keyset = {"_id": {"$lt" if newest_first else "$gt": last.object_id}}
    cursor = base64.b64encode(json.dumps(keyset, separators=(",", ":")).encode()).decode()
    pairs = [(key, value) for key, values in request.query.items() for value in values if key != "cursor"]
    base = f"http://{request.headers.get('host', '')}{request.path}"
    return "Link", f'<{base}?{urlencode([*pairs, ("cursor", cursor)])}>; rel="next"'


def _json(value: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(status, (_JSON, *headers), json.dumps(value, separators=(",", ":")).encode())


def _dressed(answer: Answer, headers: tuple[tuple[str, str], ...], request: Request) -> Answer:
    """Add the quota and a weak entity tag; spare the body that the client has; pack what it can unpack."""
    etag = f'W/"{len(answer.body):x}-{_digest(answer.body)[:27]}"'
    headers = (*answer.headers, *headers, ("X-Powered-By", "huggingface-moon"), ("ETag", etag))
    if answer.status == 200 and request.headers.get("if-none-match") == etag:
        return Answer(304, headers)
    if len(answer.body) < 1024 or "gzip" not in request.headers.get("accept-encoding", ""):
        return Answer(answer.status, headers, answer.body)
    packed = gzip.compress(answer.body, compresslevel=1, mtime=0)
    return Answer(
        answer.status, (*headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")), packed
    )


def _digest(text: str | bytes) -> str:
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
