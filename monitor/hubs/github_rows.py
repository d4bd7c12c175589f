"""Turn what GitHub says of repositories and their releases into ours.

Source of the keys: docs.github.com/en/rest/repos/repos and docs.github.com/en/rest/releases/releases.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from monitor import addresses
from monitor.core.contents import Confirmation, ConfirmationKind
from monitor.core.types import Repo
from monitor.hubs.reading import clean, parse_time, text_or_none, time_or_none, whole_object

# Accounts that a company manages have an underscore in their name.
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)
NAME = re.compile(rf"{LOGIN.pattern}/(?!\.{{1,2}}$)[A-Za-z0-9._-]{{1,100}}", re.ASCII)

_RELEASES = 20  # the newest ones say since when
_ASSETS = 50  # weights of one release that are named; there may be a thousand shards
_LARGE = 100 * 10**6  # bytes; few files but weights are larger
_WEIGHTS = (".safetensors", ".gguf", ".bin", ".pt", ".pth", ".onnx", ".ckpt")
_PROGRAMS = (
    *(".whl", ".exe", ".msi", ".dmg", ".pkg", ".deb", ".rpm", ".appimage", ".apk", ".ipa", ".jar", ".iso"),
    *(".vsix", ".snap", ".flatpak"),
)


def site(endpoint: str) -> str:
    """Return where people read what the API tells of: it has a host beside theirs, or a path on theirs."""
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"


def read_row(row: object, endpoint: str) -> Repo | None:
    """Return the repository, None for one that is private or a fork: nobody else's, or somebody else's.

    Raises ValueError naming what cannot be read of that which decides something: identity, name, creation,
    visibility, origin. What merely informs is None where it is unreadable. The licence is an SPDX id.
    """
    said = whole_object(row)
    hub_id, name = read_identity(said)
    if is_private(said) or _yes_no(said, "fork"):
        return None
    pushed_at = time_or_none(said, "pushed_at")
    disabled = said.get("disabled")
    repo = Repo(
        hub_id=hub_id,
        name=name,
        url=_page_of(said, name) or f"{site(endpoint)}/{name}",
        created_at=_created_at(said),
        last_modified=pushed_at,
        sha=text_or_none(said, "pushed_at") if pushed_at else None,
        licence=_licence(said.get("license")),
        disabled=disabled if isinstance(disabled, bool) else None,
    )
    return replace(repo, confirms=(code_since(repo),))


def read_identity(row: Mapping[str, object]) -> tuple[str, str]:
    """Return the id, which survives renames and transfers, and the name. Raises ValueError for what is neither."""
    number, name = row.get("id"), row.get("full_name")
    if not isinstance(number, int) or isinstance(number, bool) or number <= 0:
        raise ValueError("id is missing or no number")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError("full_name is missing or ill-formed")
    return str(number), name


def is_private(row: Mapping[str, object]) -> bool:
    """Whether only some see it, with whose token we may ask. Raises ValueError where that is unreadable."""
    visibility = row.get("visibility")
    if visibility not in (None, "public", "private", "internal"):  # older servers have no such key
        raise ValueError("visibility is none of the known values")
    return _yes_no(row, "private") or visibility in ("private", "internal")


def code_since(repo: Repo) -> Confirmation:
    """Return that the code is there since the repository was created."""
    return Confirmation(ConfirmationKind.CODE, "code", repo.url, repo.created_at)


def read_releases(rows: Iterable[object], repo: Repo) -> tuple[Confirmation, ...]:
    """Return what the newest 20 published releases confirm: each its code, and the weights attached to it.

    A release is dated by `published_at`: its `created_at` is the date of the commit, and drafts have neither.
    Rows that cannot be read confirm nothing.
    """
    found: list[tuple[datetime, dict[str, object]]] = []
    for row in rows:
        if not isinstance(row, dict) or row.get("draft") is True:
            continue
        if (published_at := time_or_none(row, "published_at")) is not None:
            found.append((published_at, row))
    found.sort(key=lambda release: release[0], reverse=True)
    return tuple(each for at, row in found[:_RELEASES] for each in _of_release(row, at, repo))


def _of_release(row: Mapping[str, object], at: datetime, repo: Repo) -> Iterator[Confirmation]:
    tag = text_or_none(row, "tag_name")
    if tag is None:
        return
    page = f"{repo.url}/releases"
    told = row.get("html_url")
    url = told if isinstance(told, str) and told.startswith(f"{page}/") and _is_address(told) else page
    yield Confirmation(ConfirmationKind.CODE, clean(f"release {tag}"), url, at)
    assets = row.get("assets")
    weights = [asset for asset in assets if _is_weights(asset)] if isinstance(assets, list) else []
    for asset in weights[:_ASSETS]:
        # A file may be attached long after the release was published.
        since = max(at, time_or_none(asset, "created_at") or at)
        yield Confirmation(ConfirmationKind.WEIGHTS, text_or_none(asset, "name") or "a file", url, since)


def _is_weights(asset: object) -> bool:
    """Whether an attached file holds weights, by its name, or by its size where it is no program to install."""
    if not isinstance(asset, dict) or asset.get("state", "uploaded") != "uploaded":
        return False
    name, size = asset.get("name"), asset.get("size")
    if not isinstance(name, str):
        return False
    is_large = isinstance(size, int) and size > _LARGE
    return name.lower().endswith(_WEIGHTS) or (is_large and not name.lower().endswith(_PROGRAMS))


def _page_of(row: Mapping[str, object], name: str) -> str | None:
    url = row.get("html_url")
    if not isinstance(url, str) or not _is_address(url):
        return None
    return url if urlsplit(url).scheme == "https" and urlsplit(url).path == f"/{name}" else None


def _is_address(text: str) -> bool:
    try:
        return addresses.endpoint(text) == text
    except ValueError:
        return False


def _yes_no(row: Mapping[str, object], key: str) -> bool:
    value = row.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f"{key} is neither true nor false")
    return value


def _created_at(row: Mapping[str, object]) -> datetime | None:
    if row.get("created_at") is None:
        return None
    try:
        return parse_time(row["created_at"])
    except ValueError as error:
        raise ValueError(f"created_at: {error}") from error


def _licence(said: object) -> str | None:
    # NOASSERTION: there is a licence text, and GitHub does not recognise it.
    spdx_id = text_or_none(said, "spdx_id") if isinstance(said, dict) else None
    return None if spdx_id == "NOASSERTION" else spdx_id
