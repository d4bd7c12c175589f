"""Atom feeds: the newest releases, of all or of an organisation, group or country, and the newest alerts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from feedgenerator import Atom1Feed
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from monitor.core.messages import release_message
from monitor.core.telling import Link, Message
from monitor.core.text import clean, more_text, named
from monitor.core.types import Account, Organization, Release, Weights
from monitor.store import Transaction, counting
from monitor.store.alert_list import AlertQuery, alert_page
from monitor.store.asking import organization_names
from monitor.store.browsing import Query as Wanted
from monitor.store.browsing import releases
from monitor.store.reading import JsonRow, accounts
from monitor.store.release_log import found_releases
from monitor.web.rendering import safe_url
from monitor.web.site import site_of

router = APIRouter(include_in_schema=False)

ENTRIES = 50

# An id names a release for ever, whatever it is called and wherever it is served. Source: RFC 4151.
_TAG = "tag:release-monitor,2026:"

# When a feed without entries was last changed: the same at every look, so that it need not be sent again.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Key = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
Country = Annotated[str, Path(pattern=r"^[A-Z]{2}$")]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of one thing: `path` is its page, which names it for ever; `terms` are its categories."""

    path: str
    message: Message
    published_at: datetime
    updated_at: datetime
    terms: tuple[str, ...] = ()


@router.get("/feed.atom")
def of_all(request: Request) -> Response:
    """Give the newest releases."""
    return _releases_feed(request, "All releases", "/releases", Wanted(limit=ENTRIES))


@router.get("/organizations/{key}/feed.atom")
def of_organization(request: Request, key: Key) -> Response:
    """Give the newest releases of one."""
    with site_of(request).store.reading() as tx:
        names = organization_names(tx)
    if key not in names:
        raise HTTPException(404, f"No organisation has the key “{key}”.")
    wanted = Wanted(organizations=(key,), limit=ENTRIES)
    return _releases_feed(request, names[key], f"/organizations/{key}", wanted)


@router.get("/groups/{group}/feed.atom")
def of_group(request: Request, group: Key) -> Response:
    """Give the newest releases of those in a group."""
    with site_of(request).store.reading() as tx:
        members = tuple(counting.groups(tx, group))
    if not members:
        raise HTTPException(404, f"No organisation is in a group “{group}”.")
    return _releases_feed(request, f"Group {group}", f"/?group={group}", Wanted(members, limit=ENTRIES))


@router.get("/countries/{country}/feed.atom")
def of_country(request: Request, country: Country) -> Response:
    """Give the newest releases from a country, which is known by two letters."""
    with site_of(request).store.reading() as tx:
        known = {names[0] for names in counting.groups(tx, "country").values()}
    if country not in known:
        raise HTTPException(404, f"No organisation is of the country “{country}”.")
    wanted = Wanted(country=country, limit=ENTRIES)
    return _releases_feed(request, f"Releases from {country}", f"/?country={country}", wanted)


@router.get("/alerts/feed.atom")
def of_alerts(request: Request, kind: Literal["", "release", "cadence", "change", "health"] = "") -> Response:
    """Give the newest alerts, of all kinds or of one."""
    query = AlertQuery(kinds=(kind,) if kind else (), limit=ENTRIES)
    with site_of(request).store.reading() as tx:
        rows = alert_page(tx, query).rows
    title, page = (f"Alerts: {kind}", f"/alerts?kind={kind}") if kind else ("Alerts", "/alerts")
    entries = [
        Entry(f"alerts/{row['id']}", row["message"], row["raised_at"], row["raised_at"], _terms(row))
        for row in rows
    ]
    return _answer(request, title, page, entries)


def _releases_feed(request: Request, title: str, page: str, wanted: Wanted) -> Response:
    """Make a feed of releases; those without weights so far are no launches, and come with these."""
    site = site_of(request)
    with site.browsing() as tx:
        ids = [row["id"] for row in releases(tx, wanted).rows]
        found, organizations = found_releases(tx, ids), _organizations(tx)
    entries = (
        _entry(row, release, organizations[row["organization"]], site.clock()) for row, release in found
    )
    return _answer(request, title, page, [entry for entry in entries if entry])


def _entry(row: JsonRow, release: Release, organization: Organization, now: datetime) -> Entry | None:
    """Return the entry of a release, which says what is told of its launch; None of what is none."""
    models = [known for known in release.repos if not known.is_witness]
    if not models or release.weights is Weights.PENDING:
        return None
    seen_at = release.first_seen_at
    released_at = release.released_at or seen_at
    message = release_message(organization, release, models, now)
    # Weights may come after the repository that they are in.
    return Entry(f"releases/{row['id']}", message, released_at, max(released_at, seen_at), _terms(row))


def _terms(row: JsonRow) -> tuple[str, ...]:
    return tuple(filter(None, (row["kind"], row["organization"], row.get("country"))))


def _organizations(tx: Transaction) -> dict[str, Organization]:
    """Return everybody who was ever watched, with the accounts that are watched now."""
    held: dict[str, list[Account]] = {}
    for row in accounts(tx):
        key = row["organization"]
        held.setdefault(key, []).append(Account(key, row["hub"], row["account"]))
    return {
        key: Organization(key, name, tuple(held.get(key, ()))) for key, name in organization_names(tx).items()
    }


def write_feed(title: str, page: str, path: str, base: str, entries: Sequence[Entry]) -> bytes:
    """Write a feed: `page` is where people read the same, `path` where the feed is, `base` what both begin with.

    What strangers wrote is cleaned, as XML has no place for control characters.
    """
    feed = Atom1Feed(
        title=f"{clean(title)} · release monitor",
        link=f"{base}{page}",
        description=None,
        language="en",
        author_name="release monitor",
        feed_url=f"{base}{path}",
        feed_guid=f"{_TAG}{page.lstrip('/')}",
    )
    if not entries:
        feed.latest_post_date = lambda: _NEVER
    for entry in entries:
        feed.add_item(
            title=named(entry.message.title),
            link=f"{base}/{entry.path}",
            unique_id=f"{_TAG}{entry.path}",
            description=as_html(entry.message),
            pubdate=entry.published_at,
            updateddate=entry.updated_at,
            categories=[clean(term) for term in entry.terms],
        )
    written: str = feed.writeString("utf-8")
    return written.encode()


def as_html(message: Message) -> Markup:
    """Write a message as HTML: lead, facts, links, note; whatever it says is escaped."""
    facts = Markup("<br>").join(
        Markup("{}: {}").format(clean(label), clean(value)) for label, value in message.facts
    )
    parts = (
        clean(message.lead),
        facts,
        _links(message.links_title, message.links, message.more),
        clean(message.note),
    )
    return Markup("").join(Markup("<p>{}</p>").format(part) for part in parts if part)


def _links(title: str, links: Sequence[Link], more: int) -> Markup:
    shown: Iterable[Markup] = (_link(link) for link in links)
    listed = Markup(", ").join([*shown, *([more_text(more)] if more else [])])
    return Markup("{}: {}").format(clean(title), listed) if links else Markup("")


def _link(link: Link) -> Markup:
    url = safe_url(link.url)
    text = named(link.text)
    return Markup('<a href="{}">{}</a>').format(url, text) if url else Markup("{}").format(text)


def _answer(request: Request, title: str, page: str, entries: Sequence[Entry]) -> Response:
    url = request.url
    base = site_of(request).access.public_url or f"{url.scheme}://{url.netloc}"
    path = f"{url.path}?{url.query}" if url.query else url.path
    return Response(
        write_feed(title, page, path, base, entries), media_type="application/atom+xml; charset=utf-8"
    )
