"""The files of the demo's repositories, listed and shown as the Hugging Face Hub does."""

from datetime import datetime

from monitor.demo.answers import json_answer, next_page, read_cursor
from monitor.demo.repo import LARGE, DemoCommit, DemoRepo, digest
from monitor.demo.server import Answer, Request

LARGEST_PAGE = 1000
_STORAGE = "https://storage.invalid"  # where large files are; it does not exist


def tree_answer(request: Request, repo: DemoRepo, revision: str, now: datetime) -> Answer:
    """List every file at a revision, in order of paths, with the hashes of what is in them."""
    commit = _commit(repo, revision, now)
    if commit is None:
        return _no_revision(revision)
    after = read_cursor(request.first("cursor")) or ""
    limit = request.first("limit") or ""
    size = min(int(limit), LARGEST_PAGE) if limit.isdigit() and int(limit) else LARGEST_PAGE
    entries = [entry for entry in commit.tree() if str(entry["path"]) > after]
    headers = (next_page(request, entries[size - 1]["path"]),) if len(entries) > size else ()
    return json_answer(entries[:size], 200, headers)


def file_answer(repo: DemoRepo, place: str, now: datetime) -> Answer:
    """Show one file at "revision/path"; of a gated repository the README alone; lead elsewhere for a large one."""
    revision, _, path = place.partition("/")
    commit = _commit(repo, revision, now)
    if commit is None:
        return _no_revision(revision)
    if repo.gated and path != "README.md":
        text = b"Access to this model is restricted. You must have access to it and be authenticated."
        return Answer(401, (("X-Error-Code", "GatedRepo"),), text)
    if path not in commit.files:
        return Answer(404, (("X-Error-Code", "EntryNotFound"),), b"Entry not found")
    body = commit.files[path].encode()
    if path.endswith(LARGE):
        return Answer(302, (("Location", f"{_STORAGE}/{digest(body)}"),))
    return Answer(200, (("Content-Type", "text/plain; charset=utf-8"),), body)


def _commit(repo: DemoRepo, revision: str, now: datetime) -> DemoCommit | None:
    """Return the commit of this id; "main", and an id that only the row claims, are the last one."""
    is_head = revision in ("main", repo.extra.get("sha"))
    return repo.head(now)[1] if is_head else repo.history(now).get(revision)


def _no_revision(revision: str) -> Answer:
    return json_answer({"error": f"Invalid rev id: {revision}"}, 404, (("X-Error-Code", "RevisionNotFound"),))
