"""What the tests of several hubs share: the same organisation on all four, and rows as each hub shows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import modelscope_server
from monitor.core.types import Organization
from servers import repo
from world import World, organization


def everywhere(key: str = "acme", **settings: Any) -> Organization:
    """An organisation with an account on each hub, under other names on some."""
    return organization(key, key, modelscope=f"{key}-ms", github=f"{key}-code", openrouter=key, **settings)


def on_both(**settings: Any) -> Organization:
    """An organisation on the two hubs that host models."""
    return organization("acme", "acme", modelscope="acme-ms", **settings)


def on_huggingface(world: World, name: str, created_at: datetime, **settings: object) -> None:
    """Publish acme/name on Hugging Face."""
    world.hub.repos = (*world.hub.repos, repo(f"acme/{name}", created_at, **settings))


def on_modelscope(world: World, name: str, created_at: datetime, **keys: object) -> None:
    """Publish acme-ms/name on ModelScope, which shows it from now on."""
    world.hubs.modelscope.rows.append(
        modelscope_server.model(
            f"acme-ms/{name}", created_at, **({"created_at": f"{created_at:%Y-%m-%dT%H:%M:%SZ}"} | keys)
        )
    )


def release(world: World, name: str) -> dict[str, Any]:
    """The one release of this name."""
    (found,) = [each for each in world.log() if each["name"] == name]
    return found


def dates(world: World) -> dict[int, tuple[Any, ...]]:
    """What must not move when another hub is watched: each release's name, date and basis, by its id."""
    return {each["id"]: (each["name"], each["released_at"], each["basis"]) for each in world.log()}


def cadences(world: World) -> list[Any]:
    """The state of each organisation's cadence, as it is kept."""
    return [(row["cadence"], row["dispersion"], row["judged_until"]) for row in world.dump()["organization"]]


def errors(polled: Iterable[Any]) -> list[str]:
    """What went wrong, in words."""
    return [str(each.error) for each in polled if each.error]
