"""What alerts say."""

from datetime import date

import pytest

from builders import ACME, NOW, at, known
from monitor.core.cadence.state import Crossing, Rate
from monitor.core.messages import cadence_message, change_message, human_count, release_message
from monitor.core.releases import describe
from monitor.core.text import message_text
from monitor.core.types import Basis, Budgets, Change, ChangeKind, Direction, Level, Release


def crossing(direction: Direction, level: Level = Level.ALERT, **fields: object) -> Crossing:
    values = {
        "decided_on": date(2026, 5, 5),
        "changed_on": date(2026, 4, 21),
        "changed_between": (date(2026, 4, 14), date(2026, 4, 22)),
        "before": Rate(1.1, 0.8, 1.6),
        "after": Rate(7.6, 2.5, 11.5),
        "odds": 9.0,
        "release_days": (date(2026, 4, 24),),
        "evidence": "6 release days in the 15 days since 2026-04-21",
    }
    return Crossing(level=level, direction=direction, **(values | fields))  # type: ignore[arg-type]


def release() -> Release:
    return describe(1, [known("Foo-2-7B", "2026-04-24", between=(at("2026-04-23"), at("2026-04-25")))])


def test_a_change_says_from_what_to_what_since_when_on_which_releases_and_how_sure() -> None:
    text = message_text(cadence_message(ACME, crossing(Direction.FASTER), [release()], Budgets()))
    for part in (
        "Acme has sped up: 1.1 → 7.6 release days a month",
        "Before: 1.1 release days a month (95%: 0.8 to 1.6)",
        "Since then: 7.6 release days a month (95%: 2.5 to 11.5)",
        "Changed: 2026-04-21 (80% sure: 2026-04-14 to 2026-04-22)",
        "Foo-2-7B (2026-04-24)",
        "about once in 20 years",
    ):
        assert part in text


def test_a_possible_change_never_sounds_like_a_certain_one() -> None:
    text = message_text(cadence_message(ACME, crossing(Direction.SLOWER, Level.WATCHING), [], Budgets()))
    assert text.startswith("Acme may have slowed down")
    assert "Possible, no more" in text
    assert "once in 5 years" in text


def test_a_silence_names_the_last_release_and_the_day_since_when() -> None:
    silence = crossing(
        Direction.SILENT,
        changed_between=None,
        odds=None,
        evidence="no release for 41 days; longer than 33 of its 34 gaps",
    )
    text = message_text(cadence_message(ACME, silence, [release()], Budgets()))
    assert "No release for 41 days; longer than 33 of its 34 gaps." in text
    assert "Silent since: 2026-04-21" in text
    assert "The last release:" in text


def test_a_launch_says_kind_date_licence_size_and_access() -> None:
    repos = [
        known(
            "Foo-2-7B",
            NOW,
            between=(at("2026-05-31"), NOW),
            licence="mit",
            gated="manual",
            pipeline_tag="text-generation",
        )
    ]
    text = message_text(release_message(ACME, describe(None, repos), repos))
    for part in ("Acme released Foo-2-7B", "Kind: language", "Licence: mit", "Access: gated (manual)"):
        assert part in text


def test_a_release_without_a_date_says_why() -> None:
    repos = [known("Foo", None)]
    assert describe(None, repos).basis is Basis.UNKNOWN
    assert "before 2022-03-03" in message_text(release_message(ACME, describe(None, repos), repos))


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (ChangeKind.WITHDRAWN, "Acme withdrew acme-ai/Foo"),
        (ChangeKind.RETURNED, "Acme made public again acme-ai/Foo"),
        (ChangeKind.LICENCE, "Acme changed the licence of acme-ai/Foo"),
    ],
)
def test_a_change_of_one_repository_names_it_in_the_title(kind: ChangeKind, title: str) -> None:
    change = Change(
        "huggingface", "id1", "acme-ai/Foo", kind, NOW, "https://hub.test/acme-ai/Foo", "mit", "other"
    )
    assert change_message(ACME, [change]).title == title


def test_a_repository_that_was_made_again_is_not_said_to_be_gone() -> None:
    change = Change("huggingface", "id1", "acme-ai/Foo", ChangeKind.WITHDRAWN, NOW, "u", None, "id2")
    assert change_message(ACME, [change]).lead.startswith("Deleted, and made again")


def test_a_rename_shows_both_names() -> None:
    change = Change(
        "huggingface", "id1", "acme-ai/New", ChangeKind.RENAMED, NOW, "u", "acme-ai/Old", "acme-ai/New"
    )
    assert "acme-ai/Old → acme-ai/New" in message_text(change_message(ACME, [change]))


@pytest.mark.parametrize(("number", "text"), [(7_600_000_000, "7.6B"), (684 * 10**9, "684B"), (999, "999")])
def test_parameters_are_written_as_people_do(number: int, text: str) -> None:
    assert human_count(number) == text
