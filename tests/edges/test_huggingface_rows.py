"""What a row of the Hugging Face Hub tells of a repository besides its names and times."""

import pytest

from monitor.core.types import Repo
from monitor.hubs.huggingface_rows import read_row

GOOD = {"_id": "6909b87b734dd24dd19da3ef", "id": "acme/One", "createdAt": "2025-11-04T08:25:31.000Z"}


def read(**row: object) -> Repo:
    repo = read_row(GOOD | row, "https://hub.test")
    assert repo is not None
    return repo


@pytest.mark.parametrize(
    ("card", "name", "link"),
    [
        (None, None, None),
        ("license_name: x", None, None),
        ([], None, None),
        ({}, "", ""),
        ({"license_name": None, "license_link": "LICEN\u202eSE"}, "", "LICENSE"),
        ({"license_name": ["mit"], "license_link": 7}, None, None),
    ],
)
def test_a_licence_without_an_id_is_told_by_the_readme(
    card: object, name: str | None, link: str | None
) -> None:
    repo = read(cardData=card)
    assert (repo.licence_name, repo.licence_link) == (name, link)


@pytest.mark.parametrize(
    ("row", "disabled"), [({}, None), ({"disabled": False}, False), ({"disabled": "yes"}, None)]
)
def test_a_repository_that_does_not_say_so_is_not_known_to_be_disabled(
    row: dict[str, object], disabled: bool | None
) -> None:
    repo = read(**row)
    assert (repo.disabled, repo.has_weights) == (disabled, None)


@pytest.mark.parametrize(
    ("total", "has_weights"), [(7, True), (0, None), (-1, None), ("7", None), (True, None)]
)
def test_weights_are_known_to_be_there_where_the_hub_counts_them(
    total: object, has_weights: bool | None
) -> None:
    assert read(safetensors={"total": total}).has_weights is has_weights


@pytest.mark.parametrize(
    ("tags", "licence", "parents"),
    [
        (["license:", "license:mit", "license:apache-2.0"], "mit", ()),
        (["base_model:", "base_model:a/B", "base_model:adapter:a/B", "base_model:c/D"], None, ("a/B", "c/D")),
        (["base_model:a/B\nlicense:mit", "mylicense:mit"], None, ()),
        ([f"base_model:a/{n}" for n in range(60)], None, tuple(f"a/{n}" for n in range(50))),
    ],
)
def test_licence_and_parents_are_read_from_the_tags(
    tags: list[str], licence: str | None, parents: tuple[str, ...]
) -> None:
    repo = read(tags=tags)
    assert (repo.licence, repo.base_models) == (licence, parents)
