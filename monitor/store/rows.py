"""Turn rows into values and values into rows."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from monitor.core.types import KnownRepo, Link, Message, Repo, RepoState
from monitor.store.tables import RepoRow


def known_repo(row: RepoRow) -> KnownRepo:
    """Return a repository as the core knows it."""
    return KnownRepo(
        hub=row.hub,
        account=row.account,
        repo=Repo(
            hub_id=row.hub_id,
            name=row.name,
            url=row.url,
            created_at=row.created_at,
            last_modified=row.last_modified,
            sha=row.sha,
            gated=row.gated,
            licence=row.licence,
            pipeline_tag=row.pipeline_tag,
            library=row.library,
            base_models=tuple(row.base_models),
            parameters=int(row.parameters) if row.parameters else None,
        ),
        first_seen_at=row.first_seen_at,
        published_between=_bracket(row),
        state=RepoState(row.state),
        missing_since=row.missing_since,
        release_id=row.release_id,
    )


def repo_columns(known: KnownRepo) -> dict[str, Any]:
    """Return the columns that a repository's row takes, but for its organisation and release."""
    repo = known.repo
    low, high = known.published_between or (None, None)
    return {
        "hub": known.hub,
        "hub_id": repo.hub_id,
        "account": known.account,
        "name": repo.name,
        "url": repo.url,
        "created_at": repo.created_at,
        "published_after": low,
        "published_before": high,
        "first_seen_at": known.first_seen_at,
        "state": known.state.value,
        "missing_since": known.missing_since,
        "last_modified": repo.last_modified,
        "sha": repo.sha,
        "gated": repo.gated,
        "licence": repo.licence,
        "pipeline_tag": repo.pipeline_tag,
        "library": repo.library,
        "base_models": list(repo.base_models),
        "parameters": None if repo.parameters is None else str(repo.parameters),
    }


def message_json(message: Message) -> dict[str, Any]:
    """Return a message as JSON keeps it."""
    return asdict(message)


def message_value(data: Mapping[str, Any]) -> Message:
    """Return the message that `message_json` was given."""
    return Message(
        title=data["title"],
        lead=data["lead"],
        facts=tuple((label, value) for label, value in data["facts"]),
        links_title=data["links_title"],
        links=tuple(Link(link["text"], link["url"]) for link in data["links"]),
        more=data["more"],
        note=data["note"],
        url=data["url"],
    )


def _bracket(row: RepoRow) -> tuple[Any, Any] | None:
    return (row.published_after, row.published_before) if row.published_after else None
