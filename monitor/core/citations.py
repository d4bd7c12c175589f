"""Answers of hubs that something was concluded from, told so that anybody can check them."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, eq=False)
class Citation:
    """One answer of a hub; two are never the same, whatever they say.

    `url` is the address that gave it, after redirects. `sha256`, in hexadecimal, is of the body as it reads once its
    Content-Encoding is undone: what `curl --compressed URL | sha256sum` prints while the hub answers the same. `size`
    is that body's, in bytes; `received_at` is when it had arrived whole. `shows` are the names of the repositories
    that stand in it, where it is a page of a list.
    """

    url: str
    status: int
    sha256: str
    size: int
    received_at: datetime
    shows: frozenset[str] = field(default=frozenset(), repr=False)


Citations = tuple[Citation, ...]


def showing(pages: Citations, name: str) -> Citations:
    """Return the pages on which a repository stands; all of them where it stands on none."""
    if len(pages) <= 1:
        return pages  # of most accounts, whose first listing asks this for each repository
    return tuple(page for page in pages if name in page.shows) or pages
