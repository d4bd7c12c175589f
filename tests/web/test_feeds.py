"""Atom feeds that feed readers read, whatever strangers call their models."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import feedparser
import httpx
import pytest
from lxml import etree
from served import READ_TOKEN, Served, served_site

from bad_names import BAD_NAMES
from benchmarks.big_log import fill
from builders import ACME, NOW, known
from monitor.config import WebSettings
from monitor.core.messages import release_message
from monitor.core.telling import Link, Message
from monitor.core.text import named
from monitor.core.types import Basis, Release, Weights
from monitor.store import Store, correcting
from monitor.store.browsing import Query, releases
from monitor.store.tables import ReleaseRow
from monitor.web.feeds import ENTRIES, Entry, write_feed
from servers import Clock

BASE = "https://models.test"
ATOM = "{http://www.w3.org/2005/Atom}"


def parsed(feed: bytes | str) -> feedparser.FeedParserDict:
    """Read a feed as a feed reader does, after it was seen to be well-formed."""
    raw = feed.encode() if isinstance(feed, str) else feed
    etree.fromstring(raw)
    found = feedparser.parse(raw)
    assert not found.bozo, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_every_bad_name_gives_a_well_formed_feed_that_says_it(name: str) -> None:
    repo = known(name if "/" in name else f"acme-ai/{name}", licence=name, pipeline_tag=name)
    release = Release(7, name, name, NOW, Basis.OBSERVED, NOW, (repo,))
    message = release_message(replace(ACME, name=name), release, (repo,), NOW)
    feed = write_feed(
        name, "/releases", "/feed.atom", BASE, [Entry("releases/7", message, NOW, NOW, (name,))]
    )
    (entry,) = parsed(feed).entries
    title = etree.fromstring(feed).find(f"{ATOM}entry/{ATOM}title")
    assert title is not None
    assert title.text == named(message.title)
    assert entry.id == "tag:release-monitor,2026:releases/7"
    assert not re.search(r"<(?!/?p>|br ?/?>|/?a[ >])", entry.summary)


def test_a_link_leads_only_to_where_links_may_lead() -> None:
    links = (Link("bad", "javascript:alert(1)"), Link("<b>", "https://hub.test/a?b&c"), Link("text"))
    message = Message(
        "A & B", "x < y", (("<i>", "&amp;"),), links, more=3, links_title="Repositories", note="n"
    )
    feed = write_feed("x", "/", "/feed.atom", BASE, [Entry("releases/7", message, NOW, NOW)])
    summary = parsed(feed).entries[0].summary
    assert "javascript" not in summary
    assert '<a href="https://hub.test/a?b&amp;c">&lt;b&gt;</a>' in summary
    assert "<p>x &lt; y</p>" in summary
    assert "and 3 more" in summary


def numbers(answer: httpx.Response) -> list[int]:
    """The ids of the releases that a feed names."""
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    return [int(entry.link.rpartition("/")[2]) for entry in parsed(answer.content).entries]


def test_a_feed_without_entries_is_one_and_the_same_at_every_look(empty: Served, clock: Clock) -> None:
    answer = empty.get("/feed.atom")
    assert numbers(answer) == []
    clock.now += timedelta(days=1)
    again = empty.get("/feed.atom", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_newest_fifty_of_all_and_of_each_part(store: Store, clock: Clock, config: Path) -> None:
    fill(store, 90, 4, clock.now)
    with served_site(store, clock, config, WebSettings()) as site:
        everything = numbers(site.get("/feed.atom"))
        of_one = numbers(site.get("/organizations/qwen-0/feed.atom"))
        of_country = numbers(site.get("/countries/CN/feed.atom"))
    for query, shown in (
        (Query(limit=ENTRIES), everything),
        (Query(organizations=("qwen-0",), limit=ENTRIES), of_one),
        (Query(country="CN", limit=ENTRIES), of_country),
    ):
        with store.reading() as tx:
            rows = releases(tx, query).rows
        assert shown == [row["id"] for row in rows if row["weights"] != "pending"]
        assert len(shown) > 10


def test_an_entry_says_what_the_message_says(filled: Served) -> None:
    answer = filled.get("/groups/frontier/feed.atom")
    (newest, *others) = parsed(answer.content).entries
    assert newest.title == "Acme released Nova-70B-Instruct"
    assert "acme/Nova-70B-Instruct" in newest.summary
    assert {term.term for term in newest.tags} == {"other", "acme", "CN"}
    assert all("zenith" not in entry.summary for entry in others)
    assert newest.link.startswith(filled.url)


def test_an_id_outlives_a_rename_and_another_address(filled: Served, clock: Clock, config: Path) -> None:
    before = parsed(filled.get("/feed.atom").content).entries
    number = int(before[0].link.rpartition("/")[2])
    with filled.site.store.writing() as tx:
        correcting.rename(tx, number, "Vega <2>", clock.now)
    public = WebSettings(public_url="https://models.example.org")
    with served_site(filled.site.store, clock, config, public) as moved:
        answer = moved.get("/feed.atom")
    after = parsed(answer.content).entries
    assert [entry.id for entry in after] == [entry.id for entry in before]
    assert after[0].link == f"https://models.example.org/releases/{number}"
    title = etree.fromstring(answer.content).find(f"{ATOM}entry/{ATOM}title")
    assert title is not None
    assert title.text == "Acme released Vega <2>"


def test_what_has_no_weights_yet_is_no_entry(filled: Served) -> None:
    newest, *_ = numbers(filled.get("/feed.atom"))
    with filled.site.store.writing() as tx:
        tx.get_one(ReleaseRow, newest).weights = Weights.PENDING.value
    assert newest not in numbers(filled.get("/feed.atom"))


def test_alerts_have_a_feed_of_their_own_and_one_of_each_kind(filled: Served) -> None:
    told = parsed(filled.get("/alerts/feed.atom?kind=release").content)
    assert [entry.title for entry in told.entries] == ["Acme released Nova-70B-Instruct"]
    assert told.feed.links[1].href == f"{filled.url}/alerts/feed.atom?kind=release"
    assert len(parsed(filled.get("/alerts/feed.atom").content).entries) > 1
    assert parsed(filled.get("/alerts/feed.atom?kind=cadence").content).entries == []
    wrong = filled.get("/alerts/feed.atom?kind=nothing")
    assert (wrong.status_code, "kind" in wrong.json()["detail"]) == (400, True)


@pytest.mark.parametrize(
    "path",
    [
        *("/organizations/nobody", "/groups/none", "/countries/XX", "/countries/china", "/organizations/%00"),
        *("/organizations/..%2f", "/groups/%ff", "/countries/%F0%9F%87%A8%F0%9F%87%B3"),
    ],
)
def test_a_feed_of_nobody_is_not_found(filled: Served, path: str) -> None:
    answer = filled.get(f"{path}/feed.atom")
    assert answer.status_code == 404
    assert answer.json()["detail"]


def test_a_feed_reader_gives_the_token_as_a_password(filled: Served, clock: Clock, config: Path) -> None:
    environ = {"MONITOR_WEB_READ_TOKEN": READ_TOKEN}
    with served_site(filled.site.store, clock, config, WebSettings(), **environ) as closed:
        refused = closed.get("/feed.atom")
        let_in = closed.get("/feed.atom", auth=("anybody", READ_TOKEN))
    assert (refused.status_code, refused.headers["www-authenticate"].partition(" ")[0]) == (401, "Basic")
    assert numbers(let_in)
