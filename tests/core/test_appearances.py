"""On which hub a release appeared first, and where it is still awaited."""

from datetime import timedelta

import pytest

from builders import ACCOUNT, NOW, at, known
from monitor.core.appearances import confirmed, duration, first_on, hub_name, lead_text, listed
from monitor.core.contents import Confirmation, ConfirmationKind, Contents
from monitor.core.releases import regroup
from monitor.core.types import Account, KnownRepo, Organization, Release, Weights

ON_TWO = Organization(
    "acme", "Acme", (ACCOUNT, Account("acme", "modelscope", "acme"), Account("acme", "github", "acme"))
)
MORNING = at("2026-06-01T00:30")


def seen(hub: str, high: str, minutes: int = 11, **fields: object) -> KnownRepo:
    """The repository Foo-2 on a hub, seen to become public in the minutes before."""
    bracket = (at(high) - timedelta(minutes=minutes), at(high))
    return known("Foo-2", "2026-05-01", hub=hub, between=bracket, **fields)  # type: ignore[arg-type]


def one(*repos: KnownRepo) -> Release:
    (release,) = regroup(repos)
    return release


def test_the_first_hub_leads_by_the_hours_between() -> None:
    release = one(seen("huggingface", "2026-06-01T10:00"), seen("modelscope", "2026-06-01T01:00"))
    assert lead_text(release, ON_TWO, NOW) == "ModelScope first, Hugging Face 9 h later"


def test_a_hub_that_lacks_the_release_is_pending_for_a_fortnight() -> None:
    release = one(seen("modelscope", "2026-06-01T01:00"))
    assert lead_text(release, ON_TWO, NOW) == "ModelScope first; Hugging Face pending"
    assert lead_text(release, ON_TWO, NOW + timedelta(days=14)) == "ModelScope only"


def test_a_hub_on_which_there_are_no_weights_yet_is_pending() -> None:
    empty = seen("huggingface", "2026-05-30T01:00", weights=Weights.PENDING)
    release = one(empty, seen("modelscope", "2026-06-01T01:00"))
    assert lead_text(release, ON_TWO, NOW) == "ModelScope first; Hugging Face pending"


def test_where_no_weights_are_out_nobody_leads() -> None:
    release = one(seen("huggingface", "2026-05-30T01:00", weights=Weights.PENDING))
    assert lead_text(release, ON_TWO, NOW) == ""


def test_less_than_an_hour_apart_is_the_same_time() -> None:
    release = one(seen("huggingface", "2026-06-01T10:00"), seen("modelscope", "2026-06-01T09:05"))
    assert lead_text(release, ON_TWO, NOW) == "ModelScope and Hugging Face at about the same time"


def test_what_nobody_watched_is_not_ordered() -> None:
    blind = seen("huggingface", "2026-06-01T10:00", minutes=12 * 60)
    release = one(blind, seen("modelscope", "2026-06-01T01:00"))
    assert lead_text(release, ON_TWO, NOW) == "ModelScope and Hugging Face; which came first is not known"


def test_an_order_by_creation_times_says_so() -> None:
    release = one(known("Foo-2", "2026-05-20T00:00", hub="modelscope"), known("Foo-2", "2026-05-23T01:00"))
    assert lead_text(release, ON_TWO, NOW) == (
        "ModelScope first, Hugging Face 3 days later (by the hubs' creation times)"
    )


def test_the_hubs_stand_in_the_order_in_which_a_release_appeared() -> None:
    served = Confirmation(ConfirmationKind.SERVED, "served", "https://or.test", at("2026-06-01T05:00"))
    release = one(
        seen("huggingface", "2026-06-01T10:00"),
        seen("modelscope", "2026-06-01T01:00"),
        known("acme/foo-2", "2026-06-01T06:00", hub="openrouter", confirms=(served,)),
        known("acme/Foo-2", None, hub="github"),
    )
    assert list(first_on(release).items()) == [
        ("modelscope", at("2026-06-01T01:00")),
        ("openrouter", at("2026-06-01T05:00")),
        ("huggingface", at("2026-06-01T10:00")),
        ("github", None),
    ]


def test_a_hub_appears_with_its_weights_or_else_with_its_first_repository() -> None:
    empty = seen("huggingface", "2026-05-30T01:00", weights=Weights.PENDING)
    assert first_on(one(empty)) == {"huggingface": at("2026-05-30T01:00")}
    full = known("Foo-2-GGUF", "2026-01-01", between=(at("2026-06-01"), MORNING))
    assert first_on(one(empty, full)) == {"huggingface": MORNING}


def test_a_release_from_before_the_hub_kept_dates_is_first_and_undated() -> None:
    old = known("Foo-2", "2022-03-02T23:29:04")
    release = one(known("Foo-2", "2023-05-20", hub="modelscope"), old)
    assert list(first_on(release)) == ["huggingface", "modelscope"]
    assert first_on(release)["huggingface"] is None


def test_what_witnesses_know_is_said_with_its_source_and_date() -> None:
    code = Confirmation(ConfirmationKind.CODE, "code", "https://github.test/acme/Foo-2", at("2026-05-30"))
    file = Confirmation(ConfirmationKind.WEIGHTS, "foo.gguf", "https://github.test/r", at("2026-06-01"))
    served = Confirmation(ConfirmationKind.SERVED, "served", "https://or.test", at("2026-06-02"))
    release = one(
        seen("huggingface", "2026-06-01T10:00"),
        known(
            "acme/Foo-2",
            "2026-05-30",
            hub="github",
            confirms=(code,),
            contents=Contents("1", confirms=(code, file)),
        ),
        known("acme/foo-2", None, hub="openrouter", confirms=(served,)),
        known("acme/foo-2:free", None, hub="openrouter", same_as="acme-ai/Foo-2", confirms=(served,)),
    )
    assert confirmed(release) == (
        ("Code", "https://hub.test/acme/Foo-2 since 2026-05-30"),
        ("Weights too", "foo.gguf on GitHub since 2026-06-01"),
        ("Served", "on OpenRouter since 2026-06-02"),
    )


def test_many_witnesses_are_counted() -> None:
    file = Confirmation(ConfirmationKind.WEIGHTS, "f.gguf", "https://github.test/r")
    witness = known("acme/Foo-2", "2026-05-30", hub="github", confirms=(file,) * 5)
    release = one(seen("huggingface", "2026-06-01T10:00"), witness)
    assert confirmed(release) == (("Weights too", "f.gguf on GitHub, f.gguf on GitHub and 3 more"),)


def test_the_name_of_an_attached_file_is_bounded() -> None:
    file = Confirmation(ConfirmationKind.WEIGHTS, "x\n" * 9_000, "https://github.test/r")
    ((_, text),) = confirmed(
        one(seen("huggingface", "2026-06-01T10:00"), known("acme/Foo-2", hub="github", confirms=(file,)))
    )
    assert len(text) < 100


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "1 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=48), "2 days"),
    ],
)
def test_a_duration_is_said_in_the_unit_that_fits(length: timedelta, text: str) -> None:
    assert duration(length) == text


def test_hubs_have_the_names_that_people_use() -> None:
    assert (
        listed([hub_name(hub) for hub in ("huggingface", "github", "new")]) == "Hugging Face, GitHub and new"
    )
