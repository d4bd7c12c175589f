"""What one poll changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from builders import ACCOUNT, ACME, NOW, RULES, cadence_after, history, known, listing, repo, weekly
from monitor.core.changes import compare
from monitor.core.decide import decide, release_days
from monitor.core.history import Gathering, Rules
from monitor.core.releases import regroup
from monitor.core.types import Account, Alert, AlertKind, Direction, Level, Look, Repo, Sight

EARLIER = NOW - timedelta(minutes=1)


def repos_on(*days: date) -> list[Repo]:
    return [repo(f"Foo-{n}.0", datetime.combine(day, time(8), UTC)) for n, day in enumerate(days)]


def of_kind(alerts: tuple[Alert, ...], kind: AlertKind) -> list[Alert]:
    return [alert for alert in alerts if alert.kind is kind]


def test_a_baseline_raises_no_alert_and_logs_everything() -> None:
    days = weekly(date(2024, 1, 1), 20)
    decision = decide(history(listed_at=None), listing(*repos_on(*days)), {}, RULES, NOW)
    assert decision.alerts == ()
    assert decision.releases is not None
    assert len(decision.releases) == 20
    assert decision.cadence is not None
    assert decision.cadence.spells[-1].regime == "silent"  # nothing for two years, yet nobody is told now


def test_one_launch_of_many_repositories_is_one_alert() -> None:
    shown = listing(*(repo(f"Foo-2-{n}B", NOW) for n in range(1, 22)))
    (alert,) = decide(history(), shown, {}, RULES, NOW).alerts
    assert alert.message.title == "Acme released Foo-2"
    assert (len(alert.message.links), alert.message.more) == (10, 11)
    assert alert.due_at == NOW + RULES.settle


def test_repositories_that_appear_while_a_launch_is_gathered_join_its_alert() -> None:
    first = known("Foo-2-7B", EARLIER, between=(EARLIER, EARLIER), release_id=5)
    gathering = {5: Gathering("release:huggingface:x", (first.key,))}
    shown = listing(first.repo, repo("Foo-2-70B", NOW))
    decision = decide(history(first, gathering=gathering), shown, {}, RULES, NOW)
    assert decision.alerts == ()
    (alert,) = decision.amended
    assert alert.key == "release:huggingface:x"
    assert alert.message.title == "Acme released Foo-2"
    assert [link.text for link in alert.message.links] == ["acme-ai/Foo-2-7B", "acme-ai/Foo-2-70B"]


def test_repositories_that_join_an_announced_launch_are_told_of_on_their_own() -> None:
    first = known("Foo-2-7B", EARLIER, between=(EARLIER, EARLIER), release_id=5)
    (alert,) = decide(history(first), listing(first.repo, repo("Foo-2-7B-GGUF", NOW)), {}, RULES, NOW).alerts
    assert alert.message.title == "Acme: 1 more repository of Foo-2-7B"
    assert [link.text for link in alert.message.links] == ["acme-ai/Foo-2-7B-GGUF"]


def test_a_repository_that_was_private_says_for_how_long() -> None:
    (alert,) = decide(history(), listing(repo("Foo-2", NOW - timedelta(days=40))), {}, RULES, NOW).alerts
    assert alert.message.lead == "1 repository on huggingface; created 39 days before becoming public."


def test_what_vanishes_together_is_one_alert() -> None:
    before = [known(f"Foo-{n}", missing_since=EARLIER) for n in range(34)] + [known("Bar")]
    looks = {f"acme-ai/Foo-{n}": Look(Sight.GONE) for n in range(34)}
    decision = decide(history(*before), listing(before[-1].repo), looks, RULES, NOW)
    (alert,) = of_kind(decision.alerts, AlertKind.CHANGE)
    assert alert.message.title == "Acme withdrew 34 repositories"
    assert len(decision.changes) == 34


def test_globs_decide_what_is_in_the_log_and_letting_something_in_is_no_news() -> None:
    picky = replace(ACME, exclude=("*-GGUF",))
    shown = listing(repo("Foo-1", NOW), repo("Foo-1-GGUF", NOW))
    kept_out = decide(history(organization=picky), shown, {}, RULES, NOW)
    assert kept_out.releases is not None
    assert [k.repo.short_name for release in kept_out.releases for k in release.repos] == ["Foo-1"]
    repos = [replace(k, release_id=1 if k.repo.short_name == "Foo-1" else None) for k in kept_out.repos]
    let_in = decide(history(*repos), shown, {}, RULES, NOW + timedelta(minutes=9))
    assert let_in.alerts == ()
    assert let_in.releases is not None
    assert {k.repo.short_name for release in let_in.releases for k in release.repos} == {
        "Foo-1",
        "Foo-1-GGUF",
    }


def test_a_doubted_listing_decides_nothing() -> None:
    before = [known(f"Foo-{n}") for n in range(9)]
    decision = decide(history(*before), listing(before[0].repo, repo("New", NOW)), {}, RULES, NOW)
    assert decision.doubt
    assert (decision.changes, decision.alerts, decision.releases) == ((), (), None)


def steady(releases: int = 30) -> tuple[tuple[date, ...], datetime]:
    """A pace of one release a week, and the noon after the last one."""
    days = weekly(date(2025, 1, 6), releases)
    return days, datetime.combine(days[-1], time(12), UTC)


def test_a_stop_is_raised_once_as_silence_with_its_evidence() -> None:
    days, last = steady()
    repos = [known(r.name, r.created_at) for r in repos_on(*days)]
    state = cadence_after(days, last.date())
    now = last + timedelta(days=70)
    before = history(*repos, cadence=state, listed_at=now - timedelta(minutes=1))
    decision = decide(before, listing(*(k.repo for k in repos), seen_at=now), {}, RULES, now)
    levels = [(a.level, a.direction) for a in of_kind(decision.alerts, AlertKind.CADENCE)]
    assert levels == [(Level.ALERT, Direction.SILENT)]  # what was possible before is overtaken
    assert "No release for" in decision.alerts[-1].message.lead
    again = history(*repos, cadence=decision.cadence, listed_at=now)
    later = decide(again, listing(*(k.repo for k in repos), seen_at=now), {}, RULES, now + timedelta(days=9))
    assert later.alerts == ()


def test_a_silence_that_came_and_went_while_nobody_looked_is_no_news() -> None:
    days, last = steady()
    resumed = (*days, days[-1] + timedelta(days=80))
    repos = [known(r.name, r.created_at) for r in repos_on(*resumed)]
    now = last + timedelta(days=85)
    before = history(*repos[:-1], cadence=cadence_after(days, last.date()), listed_at=last)
    decision = decide(before, listing(*(k.repo for k in repos), seen_at=now), {}, RULES, now)
    assert of_kind(decision.alerts, AlertKind.CADENCE) == []


def test_days_on_which_polls_failed_are_no_evidence_of_silence() -> None:
    days, last = steady()
    repos = [known(r.name, r.created_at) for r in repos_on(*days)]
    now = last + timedelta(days=70)
    unseen = ((days[-1] + timedelta(days=2), now.date()),)
    before = history(*repos, cadence=cadence_after(days, last.date()), listed_at=last, unseen=unseen)
    decision = decide(before, listing(*(k.repo for k in repos), seen_at=now), {}, RULES, now)
    assert of_kind(decision.alerts, AlertKind.CADENCE) == []


def test_no_verdict_is_given_while_another_account_is_blind() -> None:
    days, last = steady()
    repos = [known(r.name, r.created_at) for r in repos_on(*days)]
    other = Account("acme", "huggingface", "acme-video")
    now = last + timedelta(days=70)
    before = history(
        *repos,
        cadence=cadence_after(days, last.date()),
        listed={ACCOUNT: now - timedelta(minutes=1), other: last},
        watched=frozenset({ACCOUNT, other}),
        blind=frozenset({other}),
    )
    decision = decide(before, listing(*(k.repo for k in repos), seen_at=now), {}, RULES, now)
    assert decision.alerts == ()
    assert decision.cadence == before.cadence


def test_a_day_is_decided_only_when_every_account_was_listed_after_it() -> None:
    days, last = steady()
    repos = [known(r.name, r.created_at) for r in repos_on(*days)]
    other = Account("acme", "huggingface", "acme-video")
    now = last + timedelta(days=70)
    before = history(
        *repos,
        cadence=cadence_after(days, last.date()),
        listed={ACCOUNT: now - timedelta(minutes=1), other: last + timedelta(days=2)},
        watched=frozenset({ACCOUNT, other}),
    )
    decision = decide(before, listing(*(k.repo for k in repos), seen_at=now), {}, RULES, now)
    assert decision.cadence is not None
    assert decision.cadence.last_tick == last.date() + timedelta(days=1)


def test_the_baseline_of_a_second_account_raises_nothing() -> None:
    days, last = steady()
    now = last + timedelta(days=70)
    other = Account("acme", "huggingface", "acme-video")
    repos = [known(r.name, r.created_at, account="acme-video") for r in repos_on(*days)]
    before = history(
        *repos,
        cadence=cadence_after(days, last.date()),
        listed={other: now},
        watched=frozenset({ACCOUNT, other}),
    )
    shown = listing(repo("Video-1", "2025-02-01"), seen_at=now)
    assert decide(before, shown, {}, RULES, now).alerts == ()


def test_a_release_day_with_several_releases_counts_once_and_unknown_dates_not_at_all() -> None:
    repos = [known("A", "2026-03-01T01:00"), known("B", "2026-03-01T23:00"), known("C", "2022-03-02")]
    assert release_days(regroup(repos)) == (date(2026, 3, 1),)


def test_muted_kinds_have_no_receivers_and_possible_changes_follow_their_own_setting() -> None:
    rules = Rules(receivers=("terminal",), muted=frozenset({"release", "watching"}))
    assert rules.receivers_of(AlertKind.RELEASE, Level.ALERT) == ()
    assert rules.receivers_of(AlertKind.CADENCE, Level.WATCHING) == ()
    assert rules.receivers_of(AlertKind.CADENCE, Level.ALERT) == ("terminal",)


def test_a_decision_is_the_same_for_rows_in_any_order() -> None:
    rows = [repo(f"Foo-2-{n}B", NOW) for n in range(5)]
    one = compare(history(), listing(*rows), {})
    other = compare(history(), listing(*reversed(rows)), {})
    assert set(one.repos) == set(other.repos)
