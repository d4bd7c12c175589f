"""What a hostile client may send, and what none is ever told."""

import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from served import DAY, READ_TOKEN, TOKEN, Served, served_site
from sqlalchemy import text

from monitor.config import WebSettings
from monitor.store import Store
from monitor.web.access import COOKIE, Level
from monitor.web.application import application
from monitor.web.attempts import Attempts
from monitor.web.guard import HEADERS
from monitor.web.limits import BODY
from monitor.web.server import serving
from servers import Clock

WRONG = "a-token-that-is-nobodys"
SECRETS = {
    "MONITOR_WEB_TOKEN": TOKEN,
    "MONITOR_WEB_READ_TOKEN": READ_TOKEN,
    "SLACK_BOT_TOKEN": "xoxb-1-2-secret-of-slack",
    "SLACK_CHANNEL": "C0123456789",
    "MONITOR_WEBHOOK_URL": "https://hook.test/path-of-the-hook",
    "MONITOR_WEBHOOK_SECRET": "whsec_c2VjcmV0LW9mLXRoZS13ZWJob29rLTEyMzQ1Ng==",
    "DATABASE_URL": "postgresql+psycopg://monitor:pass-of-the-database@127.0.0.1/monitor",
}
HIDDEN = (
    TOKEN,
    READ_TOKEN,
    "secret-of-slack",
    "path-of-the-hook",
    "c2VjcmV0LW9mLXRoZS13ZWJob29r",
    "pass-of-the-database",
)


@pytest.fixture
def closed(sqlite_store: Store, clock: Clock, config: Path) -> Iterator[Served]:
    """A site that wants a token for everything, with every secret there is."""
    with served_site(sqlite_store, clock, config, WebSettings(), **SECRETS) as served:
        yield served


def addresses(served: Served) -> list[str]:
    """Every address, with 1 for what varies."""
    paths = {str(one.path) for one in iter_route_contexts(application(served.site).routes)} - {"/static"}
    return sorted({re.sub(r"\{\w+\}", "1", path) for path in paths} | {"/static/page.css"})


def raw(served: Served, request: str | bytes) -> str:
    """Send bytes as they are; return the whole answer."""
    sent = request.encode("latin-1") if isinstance(request, str) else request
    url = httpx.URL(served.url)
    with socket.create_connection((url.host, url.port or 80), timeout=10) as wire:
        wire.sendall(sent)
        parts = []
        while part := wire.recv(65536):
            parts.append(part)
    return b"".join(parts).decode("latin-1")


def status(served: Served, head: str, body: str = "") -> int:
    answer = raw(served, f"{head}\r\nConnection: close\r\n\r\n{body}")
    return int(answer.split(" ", 2)[1])


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (["127.0.0.1"], 200),
        (["[::1]:8080"], 200),
        (["LOCALHOST:1"], 200),
        (["evil.test"], 421),
        (["localhost.evil.test"], 421),
        (["evil.test@127.0.0.1"], 421),
        (["127.0.0.1/evil"], 421),
        (["127.0.0.1 evil.test"], 421),
        (["[::1"], 421),
        (["[]"], 421),
        (["\xff"], 421),
        ([""], 421),
        (["127.0.0.1", "evil.test"], 400),
        ([], 400),
    ],
)
def test_a_request_by_another_name_is_refused(empty: Served, hosts: list[str], expected: int) -> None:
    lines = "".join(f"\r\nHost: {host}" for host in hosts)
    for path in ("/healthz", "/api/releases"):
        assert status(empty, f"GET {path} HTTP/1.1{lines}") == expected


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "EVIL"])
def test_a_method_that_a_route_lacks_does_nothing(filled: Served, method: str) -> None:
    for path in addresses(filled):
        for headers in ({}, {"authorization": f"Bearer {TOKEN}"}):
            answer = filled.client.request(method, path, headers=headers)
            assert answer.status_code in (401, 403, 404, 405), path
            assert HEADERS.items() <= dict(answer.headers).items()
            assert TOKEN not in answer.text


def test_a_head_is_a_get_without_a_body(filled: Served) -> None:
    for path in ("/", "/releases", "/feed.atom", "/api/releases", "/releases.csv"):
        answer = filled.client.head(path)
        assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../application.py",
        "/static/%2e%2e/application.py",
        "/static/..%2fapplication.py",
        "/static/%2e%2e%2f%2e%2e%2fconfig/model.py",
        "/static/..%5capplication.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/%00",
        "/static/" + "a/" * 2000,
        "/static/" + "a" * 5000,
        "//evil.test/",
        "//evil.test/releases/",
        "/%2fevil.test/",
        "/\\evil.test/",
        "http://evil.test/releases",
    ],
)
def test_no_path_leads_out_of_the_site(filled: Served, path: str) -> None:
    answer = raw(filled, f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    assert answer.split(" ", 2)[1] in ("400", "404")
    assert "location:" not in answer.casefold()
    assert not any(word in answer for word in ("import ", "root:", "evil"))


def test_a_redirect_stays_here(filled: Served) -> None:
    for path in addresses(filled):
        answer = filled.get(f"{path}/?next=//evil.test")
        where = httpx.URL(answer.headers.get("location", "/"))
        assert where.host in ("", "127.0.0.1")
    given = {"token": TOKEN, "next": "//evil.test"}
    assert filled.client.post("/sign-in?next=//evil.test", data=given).headers["location"] == "/"


VALUES = [
    "a%00b",
    "'%22;--",
    *(pytest.param(v, marks=pytest.mark.thorough) for v in ("%ff%fe", "%ed%a0%80", "9" * 30, "a" * 20_000)),
]


@pytest.mark.parametrize("value", VALUES)
def test_no_query_is_a_fault(store: Store, clock: Clock, config: Path, value: str) -> None:
    names = ("search", "organization", "since", "until", "cursor", "limit", "page", "sort", "country", "kind")
    with served_site(store, clock, config, WebSettings()) as served:
        for path in addresses(served):
            for query in ("&".join(f"{name}={value}" for name in names[:1]), f"x{value}=1"):
                assert served.get(f"{path}?{query}").status_code in (200, 400, 404, 405, 422, 503), path
            if path != "/readyz":
                for name in names:
                    answer = served.get(f"{path}?{name}={value}")
                    assert answer.status_code < 500, (path, name)
        for path in ("releases", "organizations", "alerts", "api/releases", "api/organizations", "groups"):
            for end in ("", "/feed.atom"):
                assert served.get(f"/{path}/{value}{end}").status_code in (200, 404, 422), path


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer",
        "Authorization: Bearer \xff\xfe",
        "Authorization: Basic",
        "Authorization: Basic !!!",
        "Authorization: Basic \xff",
        "Authorization: Basic gIGC",
        "Authorization: Digest x",
        "Authorization: " + "B" * 30_000,
        f"Cookie: {COOKIE}=",
        f"Cookie: {COOKIE}=...",
        f"Cookie: {COOKIE}=2.9.\xff",
        f"Cookie: {COOKIE}=9.99999999999.{'0' * 64}",
        f"Cookie: {COOKIE}=2.{'9' * 5000}.{'0' * 64}",
        f'Cookie: {COOKIE}="\\777"; {COOKIE}',
        "Cookie: " + ";" * 30_000,
        "Cookie: \xff={}; [=]",
        "Origin: \xff",
    ],
)
def test_a_header_that_makes_no_sense_is_worth_nothing(closed: Served, line: str) -> None:
    assert status(closed, f"GET /releases HTTP/1.1\r\nHost: 127.0.0.1\r\n{line}") == 401
    assert status(closed, f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n{line}") == 200


def test_a_session_is_found_among_the_odd_cookies_of_other_programs(closed: Served) -> None:
    session = closed.site.access.session(Level.READ, closed.site.clock())
    headers = {"cookie": f'a={{"b": [1]}}; ={{}}; {COOKIE}={session}; c@d=e'}
    assert closed.get("/releases", headers=headers).status_code == 200


def test_a_body_is_read_up_to_64_kib(filled: Served) -> None:
    head = "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    for size, expected in ((BODY - 6, 400), (BODY - 5, 413), (10**15, 413)):
        fits = "token=" + "a" * size if size <= BODY else ""
        assert (
            status(filled, f"{head}Content-Length: {size + 6}", fits if expected == 400 else "") == expected
        )
    chunk = "1000\r\n" + "a" * 4096 + "\r\n"
    chunked = f"{head}Transfer-Encoding: chunked"
    assert status(filled, chunked, "6\r\ntoken=\r\n" + chunk * 15 + "0\r\n\r\n") == 400
    # Answered although the last piece never comes.
    assert status(filled, chunked, chunk * 17) == 413
    for length in ("-1", "x", "1, 2"):
        assert status(filled, f"{head}Content-Length: {length}") == 400


def test_a_body_that_is_too_large_is_refused_in_the_way_that_suits_who_sends_it(filled: Served) -> None:
    for path, kind in (("/sign-in", "text/html"), ("/api/releases", "application/json")):
        answer = filled.client.request("GET", path, content=b"a" * (BODY + 1))
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (413, kind)
        assert HEADERS.items() <= dict(answer.headers).items()


def test_ten_wrong_tokens_a_minute_are_looked_at_and_sessions_go_on(closed: Served, clock: Clock) -> None:
    session = {"cookie": f"{COOKIE}={closed.site.access.session(Level.READ, clock())}"}
    wrong, right = {"authorization": f"Bearer {WRONG}"}, {"authorization": f"Bearer {READ_TOKEN}"}
    for _ in range(5):
        assert closed.client.post("/sign-in", data={"token": WRONG}).status_code == 401
        assert closed.get("/metrics", headers=wrong).status_code == 401
    for answer in (
        closed.client.post("/sign-in", data={"token": TOKEN}),
        closed.get("/metrics", headers=wrong),
        closed.get("/feed.atom", headers=right),
    ):
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
        assert HEADERS.items() <= dict(answer.headers).items()
    assert closed.get("/releases", headers=session).status_code == 200
    assert closed.get("/releases", headers={**session, **wrong}).status_code == 200
    assert closed.get("/sign-in").status_code == 200
    clock.now += timedelta(minutes=1)
    assert closed.get("/feed.atom", headers=right).status_code == 200


def test_a_password_for_a_proxy_before_an_open_site_is_no_guess(filled: Served) -> None:
    assert {filled.get("/status", auth=("somebody", "of-the-proxy")).status_code for _ in range(15)} == {200}


def test_attempts_are_counted_by_network_for_a_thousand_of_them(clock: Clock) -> None:
    attempts, now = Attempts(), clock()
    for n in range(10):
        assert attempts.wait(f"2001:db8:0:1::{n:x}", False, now) is None
    assert attempts.wait("2001:db8:0:1:ffff::", True, now) == 60
    assert attempts.wait("2001:db8:0:2::1", True, now) is None
    assert attempts.wait("2001:db8:0:1::1", True, now - DAY) is None  # the clock was set back
    for n in range(2000):
        assert attempts.wait(f"10.0.{n // 256}.{n % 256}", False, now) is None
    assert len(attempts._wrong) == 1000


def test_no_answer_and_no_line_of_the_log_tells_a_secret(
    closed: Served, capfd: pytest.CaptureFixture[str]
) -> None:
    def fault() -> None:
        raise RuntimeError("what only the log may say")

    app = application(closed.site)
    app.add_api_route("/watchlist/fault", fault)
    app.add_api_route("/api/fault", fault)
    told = []
    with serving(app, WebSettings(port=0)) as url, httpx.Client(base_url=url) as client:
        for token in (TOKEN, WRONG):
            for path in (*addresses(closed), "/watchlist/fault", "/api/fault", "/nowhere"):
                closed.site.clock.now += timedelta(seconds=10)  # type: ignore[attr-defined]
                told.append(client.get(path, headers={"authorization": f"Bearer {token}"}))
            told.append(client.post("/sign-in", data={"token": token}))
        with closed.site.store.engine.begin() as connection:
            for table in connection.execute(
                text("select name from sqlite_master where type = 'table'")
            ).all():
                connection.execute(text("pragma foreign_keys = off"))
                if not table[0].startswith("sqlite_"):
                    connection.execute(text(f'drop table if exists "{table[0]}"'))
        broken = [
            client.get(path, headers={"authorization": f"Bearer {TOKEN}"}) for path in addresses(closed)
        ]
    assert {500, 401, 404, 303} <= {answer.status_code for answer in told}
    assert 503 in {answer.status_code for answer in broken}
    for answer in (*told, *broken):
        shown = answer.text + str([one for one in answer.headers.items() if one[0] != "set-cookie"])
        assert not any(secret in shown for secret in HIDDEN), answer.url
        assert not any(word in shown for word in ("Traceback", "what only the log", "sqlite3", ".py"))
        assert HEADERS.items() <= dict(answer.headers).items(), answer.url
    log = "".join(capfd.readouterr())
    assert not any(secret in log for secret in HIDDEN)
    assert not any(secret in repr(closed.site) for secret in HIDDEN)
