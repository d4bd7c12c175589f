"""What alerts say."""

from datetime import date, timedelta

from builders import ACCOUNT, ACME, NOW, at, known
from monitor.core.cadence.state import Crossing, Rate
from monitor.core.messages import cadence_message, late_releases_message, release_message
from monitor.core.releases import regroup
from monitor.core.telling import Message
from monitor.core.text import message_text
from monitor.core.types import (
    Account,
    Basis,
    Budgets,
    Direction,
    KnownRepo,
    Level,
    Organization,
    Release,
    Weights,
)

BRACKET = (at("2026-05-31"), NOW)
ON_TWO = Organization("acme", "Acme", (ACCOUNT, Account("acme", "modelscope", "acme")))


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
    return of(known("Foo-2-7B", "2026-04-24", between=(at("2026-04-23"), at("2026-04-25"))))


def of(*repos: KnownRepo) -> Release:
    (release,) = regroup(repos)
    return release


def said(*told: KnownRepo, besides: tuple[KnownRepo, ...] = (), organization: Organization = ACME) -> Message:
    """What is said of a launch: of `told`, in a release that has others besides."""
    return release_message(organization, of(*told, *besides), told, NOW)


def test_a_change_says_from_what_to_what_since_when_on_which_releases_and_how_sure() -> None:
    text = message_text(cadence_message(ACME, crossing(Direction.FASTER), [release()], Budgets()))
    for part in (
        "Acme has sped up: 1.1 → 7.6 release days a month",
        "Before: 1.1 release days a month (95%: 0.8 to 1.6)",
        "Since then: 7.6 release days a month (95%: 2.5 to 11.5)",
        "Changed: 2026-04-21 (80% sure: 2026-04-14 to 2026-04-22)",
        "Foo-2-7B (2026-04-24)",
        "about once in 20 years",
        "about four in five are real",
    ):
        assert part in text


def test_a_possible_change_never_sounds_like_a_certain_one() -> None:
    text = message_text(cadence_message(ACME, crossing(Direction.SLOWER, Level.WATCHING), [], Budgets()))
    assert text.startswith("Acme may have slowed down")
    assert "Possible, no more" in text
    assert "once in 4.5 years" in text


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
    text = message_text(said(*repos))
    for part in (
        "Acme released Foo-2-7B",
        "Kind: language",
        "Licence: mit",
        "Access: gated, approved by hand",
    ):
        assert part in text


def test_a_release_without_a_date_says_why() -> None:
    old = known("Foo", "2022-03-02T23:29:04")
    assert of(old).basis is Basis.UNKNOWN
    assert "before 2022-03-03" in message_text(said(old))
    assert "Released: not known" in message_text(said(known("Foo", None)))


def test_a_launch_on_two_hubs_says_which_came_first_and_what_is_pending() -> None:
    there = known("Foo-2", NOW, hub="modelscope", between=(at("2026-06-01T11:00"), NOW))
    assert ("Hubs", "ModelScope first; Hugging Face pending") in said(there, organization=ON_TWO).facts
    assert "Hubs" not in dict(said(there).facts)


def test_a_launch_lead_calls_the_hubs_by_their_names() -> None:
    repos = [known("Foo-2", between=BRACKET), known("Foo-2", hub="modelscope", between=BRACKET)]
    assert said(*repos).lead.startswith("2 repositories on Hugging Face and ModelScope;")


def test_a_release_that_comes_to_another_hub_says_so() -> None:
    there = known("Foo-2", between=BRACKET)
    assert said(known("Foo-2", hub="modelscope", between=BRACKET), besides=(there,)).title == (
        "Acme: Foo-2 is on ModelScope now too"
    )


def test_what_joins_a_release_is_named_in_the_title() -> None:
    there = known("Foo-2-7B", between=BRACKET)
    assert said(known("Foo-2-70B", between=BRACKET), besides=(there,)).title == (
        "Acme added Foo-2-70B to Foo-2"
    )


def test_a_launch_beside_an_empty_repository_and_a_witness_is_a_launch() -> None:
    empty = known("Foo-2", hub="modelscope", between=BRACKET, weights=Weights.PENDING)
    code = known("acme/Foo-2", hub="github")
    message = said(known("Foo-2", between=BRACKET), besides=(empty, code))
    assert message.title == "Acme released Foo-2"
    assert [link.text for link in message.links] == ["acme-ai/Foo-2"]


def test_what_was_found_late_says_between_which_moments_it_became_public() -> None:
    text = message_text(said(known("Foo-2", between=BRACKET, found_late=True)))
    assert "Found late: it became public between 2026-05-31 00:00 UTC and 2026-06-01 12:00 UTC" in text


def test_of_several_only_those_are_called_late_that_were_found_late() -> None:
    repos = [known("Foo-2-7B", between=BRACKET, found_late=True), known("Foo-2-70B", between=BRACKET)]
    assert "Found late: 1 of 2 repositories" in message_text(said(*repos))


def test_many_launches_after_a_blind_stretch_are_one_message() -> None:
    releases = [of(known(f"Foo-{n}", f"2026-05-{n + 10}", between=BRACKET)) for n in range(12)]
    message = late_releases_message(ACME, ACCOUNT, releases, NOW - timedelta(days=3), NOW)
    assert message.title == "Acme: 12 releases found after 3 days out of sight"
    assert "huggingface:acme-ai could not be seen from 2026-05-29 12:00 UTC to" in message.lead
    assert (len(message.links), message.more) == (10, 2)
    assert message.links[0].text == "Foo-0 (2026-06-01)"
