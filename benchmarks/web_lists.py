"""How soon each list page comes at 500,000 repositories and 100,000 releases, beside Datasette on the same table.

    pip install datasette
    python -m benchmarks.web_lists [--folder FOLDER] [--clients 20] [--requests 200] [--only WORDS]

The log is made in the folder at the first run (four minutes, 500 MB) and reused afterwards. Our site is the command
`release-monitor web`, as anybody starts it; Datasette serves a vacuumed copy of the same file as immutable, with its
counts inspected beforehand and without suggesting facets, which is its fastest. Both run at once, and are asked in
turns: a part of the requests of a page goes to one, then to the other, so that noise meets both alike. The clients are
threads of this process; each keeps its connection, takes gzip as browsers do, and asks again as soon as it has its
answer: with 20 of them a page takes 20 times what the server works on it. The whole takes about four minutes.

The site remembers a page for two seconds: all clients but the first get what was made for that one. What a page takes
that nobody else asked for stands under "each another": without a pause, and of clients who read a second on average.

The bar is 100 ms at the 95th percentile, and no slower than Datasette.
"""

import argparse
import http.client
import json
import os
import random
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from benchmarks.big_log import FAMILIES, fill, judge, tell
from monitor.clock import utc_now
from monitor.store import Store
from monitor.store.following import number_new
from monitor.store.migrate import prepare

RELEASES, ORGANIZATIONS, ALERTS = 100_000, 400, 20_000
BAR = 100.0  # ms
WARM_UP = 5
ROUNDS = 4
ALONE = 20  # requests of a single client
BEGINNING = 8192  # bytes of an answer without an end
PATIENCE = 60  # seconds

TABLE, NEWEST = "/log/release_card", "_sort_desc=place&_size=50"
ANOTHER = ("/releases?search={}", f"{TABLE}?{NEWEST}&_search={{}}*&_searchmode=raw")
# Of names, as `fill` gives them.
VERSIONS = tuple(
    f"{one.lower()}-{major}.{minor}" for one in FAMILIES for major in range(1, 5) for minor in range(10)
)


@dataclass(frozen=True, slots=True)
class Page:
    """A list page of ours and its counterpart, if Datasette has one; of an export only the beginning is read.

    `each` is what takes the place of {} in the address, another one at each request: nobody remembers such a page.
    `pause` is for how many seconds a client of many reads before it asks again, as people do.
    """

    name: str
    ours: str
    theirs: str | None = None
    is_export: bool = False
    each: tuple[str, ...] = ()
    pause: float = 0

    def address(self, path: str) -> str:
        """Return what is asked for next."""
        return path.format(random.choice(self.each)) if self.each else path


@dataclass(slots=True)
class Served:
    """A server, and what each page took, in milliseconds: of one client alone, and of many."""

    port: int
    process: subprocess.Popen[bytes]
    alone: dict[str, list[float]] = field(default_factory=dict)
    many: dict[str, list[float]] = field(default_factory=dict)
    size: dict[str, int] = field(default_factory=dict)

    def memory(self) -> int:
        """Return the resident memory in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024  # type: ignore[index]


def pages(ours: Served, theirs: Served, busiest: str) -> list[Page]:
    """Return what is asked; the cursors of deep pages are those that the servers give themselves."""
    half = "2024-11-24"
    older = re.search(r'rel="next" href="[^"]*after=([\w-]+)', text(ours, f"/releases?until={half}"))
    assert older, "the middle of the list has no older page"
    place = sqlite_number("release_card", "place", theirs)
    next_ = json.loads(text(theirs, f"{TABLE}.json?{NEWEST}&place__lt={place}"))["next"]
    one, key = "kind=language", busiest
    return [
        Page("first page", "/releases", f"{TABLE}?{NEWEST}"),
        Page("page 1,000, by cursor", f"/releases?after={older[1]}", f"{TABLE}?{NEWEST}&_next={next_}"),
        Page("one filter", f"/releases?{one}", f"{TABLE}?{NEWEST}&{one}"),
        Page("one organisation", f"/releases?organization={key}", f"{TABLE}?{NEWEST}&organization={key}"),
        Page(
            "two filters, search",
            f"/releases?{one}&licence=mit&search=qwen",
            f"{TABLE}?{NEWEST}&{one}&licence=mit&_search=qwen*&_searchmode=raw",
        ),
        Page("search", "/releases?search=gguf", f"{TABLE}?{NEWEST}&_search=gguf*&_searchmode=raw"),
        Page("by parameters", "/releases?sort=parameters", f"{TABLE}?_sort_desc=parameters&_size=50"),
        Page(
            "by name, one filter",
            f"/releases?sort=name&{one}",
            f"{TABLE}?_sort=folded&_size=50&{one}",
        ),
        Page("each another one", *ANOTHER, each=VERSIONS),
        Page("each another a second", *ANOTHER, each=VERSIONS, pause=1),
        Page("alerts", "/alerts", "/log/alert?_sort_desc=id&_size=50"),
        Page("alerts, one kind", "/alerts?kind=cadence", "/log/alert?_sort_desc=id&_size=50&kind=cadence"),
        Page("organisation", f"/organizations/{key}"),
        Page("overview", "/"),
        Page("API: releases", "/api/releases", f"{TABLE}.json?{NEWEST}&_shape=objects"),
        Page(
            "API: changes", "/api/changes?since=60000", "/log/change.json?_sort=id&_size=100&_shape=objects"
        ),
        Page("API: alerts", "/api/alerts", "/log/alert.json?_sort_desc=id&_size=50&_shape=objects"),
        Page("feed", "/feed.atom"),
        Page(
            "CSV, its beginning", "/releases.csv", f"{TABLE}.csv?_stream=on&_sort_desc=place", is_export=True
        ),
    ]


def sqlite_number(table: str, column: str, served: Served) -> int:
    """Return the middle value of a column."""
    query = f"select+{column}+from+{table}+order+by+{column}+limit+1+offset+{RELEASES // 2}"
    return int(json.loads(text(served, f"/log.json?sql={query}&_shape=arrayfirst"))[0])


def main() -> None:
    """Print what each page takes on both, and whether the bar is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "release-monitor-web-lists"
    )
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--only", default="", help="only pages whose names have this in them")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    log, copy = asked.folder / "log.db", asked.folder / "copy" / "log.db"
    make(log, copy)
    with ExitStack() as stack:
        ours = stack.enter_context(our_site(log, asked.folder))
        theirs = stack.enter_context(datasette(copy))
        shown = [one for one in pages(ours, theirs, busiest(copy)) if asked.only in one.name]
        for page in shown:
            print(f"{page.name} …", file=sys.stderr, flush=True)
            measure(page, ours, theirs, asked.clients, asked.requests)
        report(shown, ours, theirs, asked.clients, asked.requests)


def make(log: Path, copy: Path) -> None:
    """Make the log, with every card and its number, unless there is one; and the copy, which is without a WAL."""
    if not copy.exists():
        log.unlink(missing_ok=True)
        store = Store(f"sqlite:///{log}")
        prepare(store.engine)
        now = utc_now()
        fill(store, RELEASES, ORGANIZATIONS, now)
        tell(store, ALERTS, now)
        judge(store, now)
        while not number_new(store):
            pass
        store.close()
        copy.parent.mkdir(exist_ok=True)
        partial = copy.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        with sqlite3.connect(log) as connection:
            connection.execute("VACUUM INTO ?", (str(partial),))
        partial.rename(copy)
    else:
        store = Store(f"sqlite:///{log}")
        prepare(store.engine)
        store.close()


def busiest(copy: Path) -> str:
    """Return the organisation with the most releases."""
    query = "SELECT organization FROM release_card GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    with sqlite3.connect(f"file:{copy}?mode=ro", uri=True) as connection:
        return str(connection.execute(query).fetchone()[0])


@contextmanager
def our_site(log: Path, folder: Path) -> Iterator[Served]:
    """Serve with `release-monitor web`."""
    config = folder / "config"
    config.mkdir(exist_ok=True)
    (config / "organizations.toml").write_text('[acme]\nhuggingface = ["acme"]\n')
    (config / "settings.toml").write_text("")
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "monitor",
        "--config",
        str(config),
        "web",
        "--address",
        f"127.0.0.1:{port}",
    ]
    with serving(command, port, "/healthz", {**os.environ, "DATABASE_URL": f"sqlite:///{log}"}) as served:
        yield served


@contextmanager
def datasette(copy: Path) -> Iterator[Served]:
    """Serve with Datasette as fast as it can."""
    program = shutil.which("datasette", path=str(Path(sys.executable).parent)) or "datasette"
    inspected = copy.with_suffix(".json")
    if not inspected.exists():
        subprocess.run([program, "inspect", str(copy), "--inspect-file", str(inspected)], check=True)
    port = free_port()
    command = [program, "serve", "-i", str(copy), "--inspect-file", str(inspected), "--port", str(port)]
    for setting, value in {"suggest_facets": "off", "sql_time_limit_ms": "5000", "max_csv_mb": "0"}.items():
        command += ["--setting", setting, value]
    with serving(command, port, "/-/versions.json", dict(os.environ)) as served:
        yield served


@contextmanager
def serving(command: list[str], port: int, ready: str, environment: dict[str, str]) -> Iterator[Served]:
    """Run a server until the end of the block; go on as soon as it answers."""
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            began = time.monotonic()
            while not is_ready(f"http://127.0.0.1:{port}{ready}"):
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.1)
                if process.returncode is not None or time.monotonic() - began > PATIENCE:
                    sys.exit(f"{' '.join(command)} does not serve")
            yield Served(port, process)
        finally:
            process.kill()  # asked politely, Datasette goes on until its last export is written


def is_ready(url: str) -> bool:
    """Tell whether somebody answers."""
    try:
        with urlopen(url):
            return True
    except OSError:
        return False


def free_port() -> int:
    """Return a port that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def measure(page: Page, ours: Served, theirs: Served, clients: int, requests: int) -> None:
    """Ask for a page on both in turns, by one client and by many."""
    both = [(ours, page.ours), *([(theirs, page.theirs)] if page.theirs else [])]
    for served, path in both:
        ask(served, path, WARM_UP, page)
        served.alone[page.name], served.many[page.name] = [], []
    for _ in range(ROUNDS):
        for served, path in both:
            served.alone[page.name] += ask(served, path, ALONE // ROUNDS, page)
    with ThreadPoolExecutor(clients) as pool:
        each = max(1, requests // clients // ROUNDS)
        for _ in range(ROUNDS):
            for served, path in both:
                running = [pool.submit(ask, served, path, each, page, page.pause) for _ in range(clients)]
                served.many[page.name] += [ms for one in running for ms in one.result()]


def ask(served: Served, path: str, times: int, page: Page, pause: float = 0) -> list[float]:
    """Ask so many times, one after another, over one connection; return the milliseconds that each took."""
    found = []
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
    for _ in range(times):
        time.sleep(pause * 2 * random.random())  # noqa: TID251 - a person who reads
        began = time.perf_counter()
        connection.request("GET", page.address(path), headers={"accept-encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read(BEGINNING) if page.is_export else answer.read()
        found.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, (path, answer.status, body[:300])
        served.size[page.name] = len(body)
        if page.is_export:
            connection.close()
    connection.close()
    return found


def text(served: Served, path: str) -> str:
    """Return an answer as text."""
    with urlopen(f"http://127.0.0.1:{served.port}{path}") as answer:
        return str(answer.read().decode())


def at(times: Sequence[float], part: float) -> float:
    """Return what a part of the times is not above."""
    return sorted(times)[min(len(times) - 1, int(len(times) * part))]


def report(shown: Sequence[Page], ours: Served, theirs: Served, clients: int, requests: int) -> None:
    """Print a line a page, the memory, and the verdict."""
    print(
        f"{RELEASES:,} releases, {RELEASES * 5:,} repositories, {ALERTS:,} alerts; {os.cpu_count()} cores, which"
    )
    print(
        f"both servers and the clients share. ms, of 1 client (median) and of {clients} (p50, p95 of {requests})"
    )
    print(f"{'':22} {'ours':^27}  {'Datasette':^27}")
    print(
        f"{'page':22} {'1':>6} {'p50':>6} {'p95':>6} {'kB':>6}  {'1':>6} {'p50':>6} {'p95':>6} {'kB':>6}  p95 ratio"
    )
    slow, slower = [], []
    for page in shown:
        p95 = at(ours.many[page.name], 0.95)
        line = f"{page.name:22} {row(ours, page)}"
        if p95 >= BAR and not page.is_export:
            slow.append(page.name)
        if page.theirs:
            ratio = p95 / at(theirs.many[page.name], 0.95)
            line += f"  {row(theirs, page)}  {ratio:.2f}"
            if ratio > 1 and not page.is_export:
                slower.append(page.name)
        print(line)
    print(f"resident memory: ours {ours.memory()} MB, Datasette {theirs.memory()} MB")
    print(
        f"{'FAIL' if slow else 'PASS'}: p95 under {BAR:.0f} ms{' but for ' + ', '.join(slow) if slow else ''}"
    )
    print(
        f"{'FAIL' if slower else 'PASS'}: as fast as Datasette{' but for ' + ', '.join(slower) if slower else ''}"
    )


def row(served: Served, page: Page) -> str:
    """Write the figures of a page on one server."""
    alone, many = served.alone[page.name], served.many[page.name]
    times = " ".join(f"{one:6.1f}" for one in (at(alone, 0.5), at(many, 0.5), at(many, 0.95)))
    return f"{times} {served.size[page.name] / 1000:6.1f}"


if __name__ == "__main__":
    main()
