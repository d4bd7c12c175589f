"""Turn rows into values and values into rows."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from monitor.core.contents import Confirmation, ConfirmationKind, Contents
from monitor.core.telling import Chart, Link, Message, Pace
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


REPO_COLUMNS = (
    *("hub", "hub_id", "account", "name", "url", "created_at", "published_after", "published_before"),
    *("first_seen_at", "state", "missing_since", "last_modified", "sha", "gated", "licence", "pipeline_tag"),
    *("library", "base_models", "parameters", "weights", "found_late", "disabled", "licence_name"),
    *("licence_link", "same_as", "contents", "confirms"),
)


def repo_values(known: KnownRepo) -> tuple[Any, ...]:
    """Return what a repository's row holds in REPO_COLUMNS: all but its organisation and release."""
    repo = known.repo
    low, high = known.published_between or (None, None)
    return (
        known.hub,
        repo.hub_id,
        known.account,
        repo.name,
        repo.url,
        repo.created_at,
        low,
        high,
        known.first_seen_at,
        known.state.value,
        known.missing_since,
        repo.last_modified,
        repo.sha,
        repo.gated,
        repo.licence,
        repo.pipeline_tag,
        repo.library,
        repo.base_models,
        None if repo.parameters is None else str(repo.parameters),
        known.weights.value,
        known.found_late,
        repo.disabled,
        repo.licence_name,
        repo.licence_link,
        repo.same_as,
        _contents_json(known.contents) if known.contents else None,
        [_confirmation_json(one) for one in repo.confirms] or None,
    )


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
        chart=_chart(data.get("chart")),
    )


def _chart(data: Mapping[str, Any] | None) -> Chart | None:
    if data is None:
        return None
    return Chart(
        title=data["title"],
        months=tuple(data["months"]),
        launches=tuple(data["launches"]),
        release_days=tuple(data["release_days"]),
        until=data["until"],
        paces=tuple(Pace(**pace) for pace in data["paces"]),
        changed_at=data["changed_at"],
        change=data["change"],
        since=tuple(data["since"]),
        blind=tuple((begin, end) for begin, end in data["blind"]),
        described=data["described"],
    )


def _bracket(row: Any) -> tuple[Any, Any] | None:
    return (row.published_after, row.published_before) if row.published_after else None
