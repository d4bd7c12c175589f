"""A stand-in for the Hugging Face Hub that shows the repositories which are public at a given time.

Shapes and headers are those of huggingface.co in 2025 and 2026.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from operator import itemgetter
from urllib.parse import quote

from monitor.core.types import Quota
from monitor.demo.answers import Meter, dressed, json_answer, next_page, read_cursor
from monitor.demo.files import file_answer, tree_answer
from monitor.demo.repo import DemoRepo
from monitor.demo.server import Answer, LocalServer, Request

LARGEST_PAGE = 1000
USUAL_PAGE = 30
_KEPT_PAGES = 2000
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
_SECRET = {"error": "Invalid username or password."}


class DemoHub:
    """The hub, on a free port of 127.0.0.1 while the context lasts.

    Quota is counted in windows of `clock`'s time; files have a bucket of their own, six times as large. Anonymous
    requests see what is public; those with one of `tokens` see private repositories too; any other token is
    refused everywhere, as on the real hub. Without `etags` every answer has its body.
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
        etags: bool = True,
    ) -> None:
        self.clock = clock
        self.repos = tuple(repos)
        self.etags = etags
        self._users = frozenset(users)
        self._organizations = frozenset(organizations) | {repo.owner for repo in self.repos} - self._users
        self._tokens = frozenset(tokens)
        quota = quota or Quota(500, timedelta(minutes=5))
        self._meter = Meter("api", quota)
        self._files_meter = Meter("resolvers", Quota(6 * quota.requests, quota.window))
        self._server = LocalServer(self.answer)

    @property
    def url(self) -> str:
        """The endpoint, to be used as HF_ENDPOINT."""
        return self._server.url

    @property
    def repos(self) -> tuple[DemoRepo, ...]:
        """Everything that the hub holds; may be replaced at any time."""
        return self._shelf.repos

    @repos.setter
    def repos(self, repos: Iterable[DemoRepo]) -> None:
        self._shelf = _Shelf(repos)

    def __enter__(self) -> "DemoHub":
        self._server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.__exit__(None, None, None)

    def answer(self, request: Request) -> Answer:
        """Answer one request, with the hub's usual headers."""
        now = self.clock()
        meter = self._meter if request.path.startswith("/api/") else self._files_meter
        remaining, headers = meter.count(now)
        if remaining < 0:
            text = b"We had to rate limit your IP (127.0.0.1). To continue using our service, create a HF account"
            return Answer(429, (*headers, ("Content-Type", "text/plain")), text)
        return dressed(self._content(request, now), headers, request, self.etags)

    def _content(self, request: Request, now: datetime) -> Answer:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token and token not in self._tokens:
            return json_answer(_SECRET, 401)
        sight = _Sight(self._shelf, now, sees_private=bool(token))
        match request.path.strip("/").split("/"):
            case ["api", "models"]:
                what = request.target, request.headers.get("host"), bool(token)
                listing = partial(_listing, request, sight)
                return sight.shelf.once(listing, request.first("author"), now, *what)
            case ["api", "organizations" | "users" as kind, account, "overview"]:
                return self._overview(kind, account, now)
            case ["api", "models", *rest]:
                return _of_one(request, "/".join(rest), sight)
        name, _, file = request.path.strip("/").partition("/resolve/")
        return sight.show(request, name, lambda repo: file_answer(repo, file, now)) if file else _no_page()

    def _overview(self, kind: str, account: str, now: datetime) -> Answer:
        known = self._organizations if kind == "organizations" else self._users
        if account not in known:
            return json_answer({"error": f"This {kind.removesuffix('s')} does not exist"}, 404)
        count = sum(repo.is_public(now) for _, repo in self._shelf.of(account))
        key = "name" if kind == "organizations" else "user"
        return json_answer(
            {key: account, "fullname": account, "numModels": count, "numDatasets": 0, "numSpaces": 0}
        )


class _Shelf:
    """Repositories, so that those of one account are found among many, each list in order of their ids."""

    def __init__(self, repos: Iterable[DemoRepo]) -> None:
        self.repos = tuple(repos)
        self._all = sorted(((repo.object_id, repo) for repo in self.repos), key=itemgetter(0))
        self._owned: dict[str, list[tuple[str, DemoRepo]]] = defaultdict(list)
        for hub_id, repo in self._all:
            self._owned[repo.owner].append((hub_id, repo))
        self._former = {name: repo for repo in self.repos for name in repo.former_names}

        self._moments = {
            author: sorted(moment for _, repo in repos for moment in repo.moments())
            for author, repos in (*self._owned.items(), (None, self._all))
        }
        self._pages: dict[tuple[object, ...], Answer] = {}

    def once(self, make: Callable[[], Answer], author: str | None, now: datetime, *what: object) -> Answer:
        """Make an answer about an account, or about all, or take the one made since anything there changed."""
        key = (bisect_right(self._moments.get(author, []), now), *what)
        answer = self._pages.get(key)
        if answer is None:
            if len(self._pages) >= _KEPT_PAGES:
                self._pages.clear()
            answer = self._pages[key] = make()
        return answer

    def of(self, author: str | None) -> list[tuple[str, DemoRepo]]:
        """Everything of one account, or of all, with its id."""
        return self._all if author is None else self._owned.get(author, [])

    def named(self, name: str) -> list[DemoRepo]:
        """What has this name now, and then what had it once."""
        now = [repo for _, repo in self.of(name.rpartition("/")[0]) if repo.name == name]
        return now + [repo for repo in (self._former.get(name),) if repo]


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one request may see."""

    shelf: _Shelf
    now: datetime
    sees_private: bool

    def repos(self, author: str | None, beyond: str | None, newest_first: bool) -> Iterator[DemoRepo]:
        """Everything of one account, or of all, in order of ids from beyond a cursor on."""
        order = self.shelf.of(author)
        for hub_id, repo in reversed(order) if newest_first else order:
            if beyond is not None and ((hub_id < beyond) != newest_first or hub_id == beyond):
                continue
            if self.sees(repo):
                yield repo

    def sees(self, repo: DemoRepo) -> bool:
        return self.sees_private or repo.is_public(self.now)

    def show(self, request: Request, name: str, answer: Callable[[DemoRepo], Answer]) -> Answer:
        """Answer for one repository; lead from a former name to the present; else say no more than the hub."""
        for repo in self.shelf.named(name):
            if self.sees(repo):
                return answer(repo) if repo.name == name else _moved(request, name, repo)
        if "authorization" in request.headers:
            missing = (("X-Error-Code", "RepoNotFound"), ("X-Error-Message", "Repository not found"))
            return json_answer({"error": "Repository not found"}, 404, missing)
        return json_answer(_SECRET, 401)


def _moved(request: Request, name: str, repo: DemoRepo) -> Answer:
    target = request.target.replace(f"/{quote(name)}", f"/{quote(repo.name)}", 1)
    return Answer(307, (("Location", target),))


def _listing(request: Request, sight: _Sight) -> Answer:
    """List by author (exact, case-sensitive, unknown ones give an empty list), newest first if asked so.

    Pages follow the `_id`, hence rows that appear while a client walks shift no page. Without an author it is
    everybody's.
    """
    expand = _expand(request)
    if unknown := set(expand) - LISTED_KEYS:
        return json_answer({"error": f"Invalid expand: {', '.join(sorted(unknown))}"}, 400)
    newest_first = request.first("sort") == "createdAt"  # any other value is ignored
    keyset = read_cursor(request.first("cursor"))
    beyond = str(next(iter(keyset["_id"].values()))) if keyset else None
    size = _page_size(request.first("limit"))
    rows = list(islice(sight.repos(request.first("author"), beyond, newest_first), size + 1))
    shown = [_shown(repo.row(sight.now), expand) for repo in rows[:size]]
    if len(rows) <= size:
        return json_answer(shown)
    following = {"_id": {"$lt" if newest_first else "$gt": rows[size - 1].object_id}}
    return json_answer(shown, headers=(next_page(request, following),))


def _of_one(request: Request, path: str, sight: _Sight) -> Answer:
    name, _, revision = path.partition("/tree/")
    if revision:
        return sight.show(request, name, lambda repo: tree_answer(request, repo, revision, sight.now))
    return sight.show(request, name, lambda repo: _single(request, repo, sight.now))


def _no_page() -> Answer:
    return json_answer({"error": "Sorry, we can't find the page you are looking for."}, 404)


def _single(request: Request, repo: DemoRepo, now: datetime) -> Answer:
    expand = _expand(request)
    return json_answer(_shown(repo.row(now), expand) if expand else repo.row(now))


def _expand(request: Request) -> list[str]:
    return request.query.get("expand", []) + request.query.get("expand[]", [])


def _shown(row: Mapping[str, object], expand: Iterable[str]) -> dict[str, object]:
    """With `expand` the two ids and what was asked for; without it the plain row, which knows no gating."""
    keys = {"_id", "id", *expand} if (expand := list(expand)) else set(_PLAIN_KEYS)
    return {key: value for key, value in row.items() if key in keys}


def _page_size(limit: str | None) -> int:
    return min(int(limit), LARGEST_PAGE) if limit and limit.isdigit() and int(limit) else USUAL_PAGE
