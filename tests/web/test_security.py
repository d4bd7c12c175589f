"""Who may do what, on every route that there is, for everybody who may come, on every way to serve the site."""

import hmac
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from shutil import copy

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from served import DAY, READ_TOKEN, TOKEN, Served, served_site

from monitor.config import WebSettings
from monitor.store import Store
from monitor.web.access import COOKIE, Level
from monitor.web.application import application
from monitor.web.guard import HEADERS
from monitor.web.server import serving
from servers import Clock

WRONG = "a-token-that-is-nobodys"
OPEN = {"/healthz", "/readyz", "/sign-in", "/static/page.css"}
SIGNING = {"/sign-in", "/sign-out"}
# What an address begins with that shows what was logged. A new page must be put here, or among those that are open.
READING = (
    r"/$|/(api|releases|organizations|groups|countries|alerts|watchlist|status)(/|$)"
    r"|/\w+\.(atom|csv|json)$|/metrics$"
)
VALUES = {"release_id": "1", "alert_id": "1", "key": "acme", "group": "frontier", "country": "CN"}
# What a form needs to be shown.
FORMS = {"/watchlist/edit": "?organization=acme", "/watchlist/remove": "?organization=acme"}
WRITING = {"POST", "PUT", "PATCH", "DELETE"}

NO, READ, CHANGE = Level
ENVIRONMENTS = {
    "loopback without tokens": (WebSettings(), {}),
    "read token": (WebSettings(), {"MONITOR_WEB_READ_TOKEN": READ_TOKEN}),
    "both tokens": (WebSettings(), {"MONITOR_WEB_READ_TOKEN": READ_TOKEN, "MONITOR_WEB_TOKEN": TOKEN}),
    "open": (WebSettings("0.0.0.0", open=True), {"MONITOR_WEB_TOKEN": TOKEN}),
}
# What each may do, in the order of ENVIRONMENTS.
LEVELS = {
    "nobody": (READ, NO, NO, READ),
    "wrong token": (READ, NO, NO, READ),
    "wrong password": (READ, NO, NO, READ),
    "read token": (READ, READ, READ, READ),
    "change token": (READ, NO, CHANGE, CHANGE),
    "change token as password": (READ, NO, READ, READ),
    "read session": (READ, READ, READ, READ),
    "change session": (READ, NO, CHANGE, CHANGE),
    "forged without a key": (READ, NO, NO, READ),
    "forged with what readers know": (READ, NO, NO, READ),
    "cut": (READ, NO, NO, READ),
    "expired": (READ, NO, NO, READ),
}


# What the other two show, these show too, but for what nobody has set.
USUAL = ("both tokens", "open")
KINDS = [pytest.param(one, marks=[] if one in USUAL else [pytest.mark.thorough]) for one in ENVIRONMENTS]


@pytest.fixture(params=KINDS, scope="module")
def kind(request: pytest.FixtureRequest) -> str:
    """How the site is served."""
    return str(request.param)


@pytest.fixture(scope="module")
def site(kind: str, past: tuple[Path, Clock], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A site with a past, served that way; one for all tests, as some of its pages take seconds at first."""
    folder = tmp_path_factory.mktemp("site")
    copy(past[0], folder / "monitor.db")
    (folder / "config").mkdir()
    store = Store(f"sqlite:///{folder / 'monitor.db'}")
    web, environ = ENVIRONMENTS[kind]
    with served_site(store, Clock(past[1].now), folder / "config", web, **environ) as served:
        yield served
    store.close()


def routes(served: Served) -> list[tuple[str, str]]:
    """Every method and address that the application has, with values put in."""
    found = []
    for one in iter_route_contexts(application(served.site).routes):
        path = "/static/page.css" if one.path == "/static" else str(one.path)
        path = re.sub(r"\{(\w+)[^}]*\}", lambda name: VALUES.get(name[1], "x"), path)
        found += [(method, path) for method in sorted(one.methods or {"GET"})]
    return found


def writing_routes(served: Served) -> list[tuple[str, str]]:
    """Every route that changes something."""
    return [one for one in routes(served) if one[0] in WRITING and one[1] not in SIGNING]


def who(name: str, served: Served) -> dict[str, str]:
    """The headers by which somebody comes."""
    access, now = served.site.access, served.site.clock()

    def cookie(value: str) -> dict[str, str]:
        return {"cookie": f"{COOKIE}={value}"}

    def signed(key: str, level: int = 2) -> dict[str, str]:
        text = f"{level}.{int((now + DAY).timestamp())}"
        return cookie(f"{text}.{hmac.new(key.encode(), text.encode(), sha256).hexdigest()}")

    def password(value: str) -> dict[str, str]:
        request = httpx.Request("GET", "http://x")
        next(httpx.BasicAuth("reader", value).auth_flow(request))
        return {"authorization": request.headers["authorization"]}

    return {
        "nobody": {},
        "wrong token": {"authorization": f"Bearer {WRONG}"},
        "wrong password": password(WRONG),
        "read token": {"authorization": f"Bearer {READ_TOKEN}"},
        "change token": {"authorization": f"Bearer {TOKEN}"},
        "change token as password": password(TOKEN),
        "read session": signed(READ_TOKEN, 1),
        "change session": signed(TOKEN),
        "forged without a key": signed(repr((None, None))),
        "forged with what readers know": signed(READ_TOKEN),
        "cut": cookie(str(access.session(Level.CHANGE, now))[:-1]),
        "expired": cookie(access.session(Level.CHANGE, now - 31 * DAY)),
    }[name]


def ask(served: Served, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    """Ask, ten seconds after the request before, and look at the headers that every answer has."""
    clock = served.site.clock
    assert isinstance(clock, Clock)
    clock.now += DAY / 8640
    answer = served.client.request(method, path, headers=headers)
    served.client.cookies.clear()
    assert HEADERS.items() <= dict(answer.headers).items(), path
    assert {"cookie", "authorization"} <= set(answer.headers["vary"].casefold().replace(" ", "").split(","))
    return answer


def foreign(served: Served) -> list[str]:
    """What an Origin header may say that is not this site."""
    other = served.url.replace("127.0.0.1", "localhost")
    return ["https://evil.test", "null", "", f"{served.url}.evil.test", f"{served.url}/", other]


def level_of(name: str, kind: str) -> Level:
    return LEVELS[name][list(ENVIRONMENTS).index(kind)]


@pytest.mark.parametrize("kind", ["both tokens"], indirect=True)
def test_every_route_is_open_to_all_or_shows_what_was_logged_or_writes(site: Served) -> None:
    found = routes(site)
    assert len(found) > 30
    for method, path in found:
        assert path in OPEN | SIGNING or method in WRITING or re.match(READING, path), (method, path)


@pytest.mark.parametrize("name", LEVELS)
def test_everybody_reads_what_they_may_and_nothing_else(site: Served, kind: str, name: str) -> None:
    level = level_of(name, kind)
    for method, path in [*routes(site), ("GET", "/nowhere"), ("GET", "/api/nowhere"), ("HEAD", "/releases")]:
        if method in WRITING:
            continue
        answer = ask(site, method, path + FORMS.get(path, ""), who(name, site))
        allowed = {404} if path.endswith("nowhere") else {200, 503} if path == "/readyz" else {200}
        assert answer.status_code in (allowed if level >= READ or path in OPEN else {401}), (method, path)


@pytest.mark.parametrize("name", LEVELS)
def test_nobody_writes_without_the_token_for_it(site: Served, kind: str, name: str) -> None:
    for method, path in writing_routes(site):
        headers = who(name, site)
        answer = ask(site, method, path, headers)
        if level_of(name, kind) < CHANGE:
            assert answer.status_code in (401, 403), (method, path)
        if "cookie" in headers:  # a session, whose forms must say that they are its own
            wrong = site.client.request(method, path, headers=headers, data={"form": "0" * 64})
            assert {401, 403} >= {answer.status_code, wrong.status_code}, (method, path)
        for origin in foreign(site):
            assert ask(site, method, path, {**headers, "origin": origin}).status_code in (401, 403)


@pytest.mark.parametrize("name", LEVELS)
def test_a_route_that_forgets_to_ask_writes_for_nobody_else_either(
    site: Served, kind: str, name: str
) -> None:
    written = []
    app = application(site.site)
    app.add_api_route("/forgetful", lambda: written.append(name), methods=sorted(WRITING))
    with serving(app, WebSettings(port=0)) as url, httpx.Client(base_url=url) as client:
        later = Served(url, site.site, client)
        for method in sorted(WRITING):
            for origin in foreign(later):
                answer = ask(later, method, "/forgetful", {**who(name, later), "origin": origin})
                assert answer.status_code in (401, 403)
            assert not written
            answer = ask(later, method, "/forgetful", who(name, later))
            if level_of(name, kind) < CHANGE:
                assert answer.status_code in (401, 403)
            else:
                assert (answer.status_code, written) == (200, [name])
                written.clear()


@pytest.mark.parametrize("kind", ["both tokens", "open"], indirect=True)
def test_a_session_begins_with_a_token_and_ends_with_its_own_form_alone(site: Served) -> None:
    wrong = site.client.post("/sign-in", data={"token": WRONG})
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    foreign = site.client.post("/sign-in", data={"token": TOKEN}, headers={"origin": "https://evil.test"})
    assert (foreign.status_code, "set-cookie" in foreign.headers) == (403, False)
    right = site.client.post("/sign-in", data={"token": TOKEN}, headers={"origin": site.url})
    assert (right.status_code, right.headers["location"]) == (303, "/")
    assert re.fullmatch(
        rf"{COOKIE}=2\.\d+\.[0-9a-f]{{64}}; HttpOnly; Max-Age=2592000; Path=/; SameSite=lax",
        right.headers["set-cookie"],
    )
    assert site.client.post("/sign-out").status_code == 403
    form = re.search(r'name="form" value="([0-9a-f]{64})"', site.get("/releases").text)
    assert form
    out = site.client.post("/sign-out", data={"form": form[1]})
    assert (out.status_code, site.client.cookies.get(COOKIE)) == (303, None)


@pytest.mark.parametrize("kind", ["both tokens"], indirect=True)
def test_a_changed_token_ends_its_sessions(site: Served, clock: Clock, config: Path) -> None:
    headers = who("change session", site)
    environ = {"MONITOR_WEB_READ_TOKEN": READ_TOKEN, "MONITOR_WEB_TOKEN": f"{TOKEN}-2"}
    with served_site(site.site.store, clock, config, WebSettings(), **environ) as later:
        assert ask(site, "GET", "/", headers).status_code == 200
        assert ask(later, "GET", "/", headers).status_code == 401
