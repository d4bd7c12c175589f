"""Turn values into HTML: the templates, escaped by default, and how times, numbers and links are written."""

from datetime import UTC, date, datetime
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from monitor import __version__
from monitor.core.appearances import duration, hub_name
from monitor.core.text import clean, counted, cut
from monitor.web.access import is_loopback
from monitor.web.site import Visitor, site_of, visitor_of

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page for whoever asks; `values` are what its template shows."""
    visitor, access = visitor_of(request), site_of(request).access
    form = access.form_token(visitor.session) if visitor.session else None
    return render(
        template,
        status,
        visitor=visitor,
        can_change=access.can_change,
        form_token=form,
        path=request.url.path,
        **values,
    )


def render(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page that knows nothing of who asks, unless `values` says it."""
    given = {"visitor": Visitor.nobody(), "can_change": False, "form_token": None, "path": "", **values}
    return HTMLResponse(_templates().get_template(template).render(given), status)


@cache
def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_shown,
    )
    found.filters |= {
        "moment": moment,
        "day": day,
        "hub": hub_name,
        "counted": _counted,
        "rate": _rate,
        "parameters": parameters,
        "duration": duration,
        "in_lines": _in_lines,
    }
    found.filters |= {"facet_pair": _facet_pair, "list_pair": _list_pair, "hub_pair": _hub_pair}
    found.globals |= {"version": __version__, "asset": asset, "safe_url": safe_url}
    return found


def _shown(value: Any) -> Any:
    """Write what a template says: nothing for None, and no text with control characters."""
    if value is None:
        return ""
    return clean(value) if type(value) is str else value


def _in_lines(text: str) -> Markup:
    """Write a text of several lines as such, each as clean as any other text."""
    return Markup("\n").join(map(clean, text.splitlines()))


@cache
def asset(name: str) -> str:
    """Return the address of a file of ours; a changed file has another one, so that it may be kept for ever."""
    return f"/static/{name}?{sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


# A list says the same days over and over, and to write one costs as much as to write the rest of its row.
_often_written = lru_cache(maxsize=4_096)


@_often_written
def moment(value: datetime | None) -> Markup | str:
    """Write a moment: in UTC, and for scripts and machines as an exact time."""
    if value is None:
        return "never"
    exact = f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    shown = exact[:16].replace("T", " ")
    return Markup('<time datetime="{}" title="{} UTC">{} UTC</time>').format(
        exact, exact[:19].replace("T", " "), shown
    )


@_often_written
def day(value: datetime | date | None) -> Markup | str:
    """Write a day, "?" where it is not known; its exact time, where there is one, shows where it is pointed at."""
    if value is None:
        return "?"
    if not isinstance(value, datetime):
        return Markup('<time datetime="{0}">{0}</time>').format(value.isoformat())
    exact = f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        exact, exact[:19].replace("T", " "), exact[:10]
    )


def _facet_pair(facet: tuple[str, int]) -> tuple[str, str]:
    """Return value and text of a choice, with how many releases it leaves."""
    value, number = facet
    return value, f"{cut(clean(value), 40)} ({number:,})"


def _list_pair(value: str) -> tuple[str, str]:
    return value, value


def _hub_pair(hub: str) -> tuple[str, str]:
    return hub, hub_name(hub)


def _counted(number: int, one: str, many: str) -> str:
    return counted(number, one, many)


def _rate(value: float | None) -> str:
    """Write a rate of release days a month."""
    return "" if value is None else f"{value:.1f}"


def parameters(number: int | None) -> str:
    """Write how many parameters a model has.

    >>> parameters(671_026_419_200), parameters(1_500_000_000), parameters(500_000_000)
    ('671B', '1.5B', '0.5B')
    """
    if not number:
        return ""
    if number >= 10**15:
        return "?"
    billions = number / 1e9
    return (
        f"{billions:.0f}B"
        if billions >= 10
        else f"{billions:.1f}B".replace(".0B", "B")
        if billions >= 0.1
        else f"{number / 1e6:.0f}M"
    )


def safe_url(url: str | None) -> str | None:
    """Return an address that may be linked to: https, or of this machine; None for any other."""
    if url is None or any(letter.isspace() or not letter.isprintable() for letter in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_here = parts.scheme == "http" and parts.hostname is not None and is_loopback(parts.hostname)
    return url if (parts.scheme == "https" and parts.hostname) or is_here else None
