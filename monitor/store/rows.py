"""Turn rows into values and values into rows."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from monitor.core.contents import Confirmation, ConfirmationKind, Contents
from monitor.core.telling import Link, Message
from monitor.core.types import KnownRepo, Repo, RepoState, Weights


def known_repo(row: Any) -> KnownRepo:
    """Return a repository as the core knows it, from its row or from all columns of its table."""
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
            disabled=row.disabled,
            licence_name=row.licence_name,
            licence_link=row.licence_link,
            same_as=row.same_as,
            confirms=confirmations(row.confirms),
        ),
        first_seen_at=row.first_seen_at,
        published_between=_bracket(row),
        state=RepoState(row.state),
        missing_since=row.missing_since,
        release_id=row.release_id,
        weights=Weights(row.weights),
        contents=_contents(row.contents),
        found_late=row.found_late,
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
        "weights": known.weights.value,
        "found_late": known.found_late,
        "disabled": repo.disabled,
        "licence_name": repo.licence_name,
        "licence_link": repo.licence_link,
        "same_as": repo.same_as,
        "contents": _contents_json(known.contents) if known.contents else None,
        "confirms": [_confirmation_json(one) for one in repo.confirms] or None,
    }


def confirmations(data: list[dict[str, Any]] | None) -> tuple[Confirmation, ...]:
    """Return what a witness knows, as the core has it."""
    return tuple(
        Confirmation(
            ConfirmationKind(one["kind"]),
            one["text"],
            one["url"],
            datetime.fromisoformat(one["at"]) if one["at"] else None,
        )
        for one in data or ()
    )


def _confirmation_json(one: Confirmation) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "text": one.text,
        "url": one.url,
        "at": one.at.isoformat() if one.at else None,
    }


def _contents(data: dict[str, Any] | None) -> Contents | None:
    if data is None:
        return None
    return Contents(data["revision"], data["weights"], data["licences"], confirmations(data["confirms"]))


def _contents_json(contents: Contents) -> dict[str, Any]:
    return {
        "revision": contents.revision,
        "weights": dict(contents.weights),
        "licences": dict(contents.licences),
        "confirms": [_confirmation_json(one) for one in contents.confirms],
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


def _bracket(row: Any) -> tuple[Any, Any] | None:
    return (row.published_after, row.published_before) if row.published_after else None
