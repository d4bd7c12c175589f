"""What one poll changes."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from builders import (
    ACCOUNT,
    ACME,
    NOTHING,
    NOW,
    RULES,
    history,
    inspected,
    known,
    listing,
    repo,
    weekly,
)
from monitor.core.changes import compare
from monitor.core.contents import Contents
from monitor.core.decide import TOLD_APART, Decision, decide
from monitor.core.history import Findings, Gathering, History
from monitor.core.telling import Alert, AlertKind
from monitor.core.text import message_text
from monitor.core.types import (
    Account,
    Basis,
    KnownRepo,
    Listing,
    Look,
    Organization,
    Repo,
    Sight,
    Weights,
)

EARLIER = NOW - timedelta(minutes=1)
HOUR = timedelta(hours=1)
LONG_AGO = NOW - timedelta(days=3)
EMPTY, FULL = Contents("1"), Contents("2", {"a.safetensors": "aa"})
ON_MODELSCOPE = Account("acme", "modelscope", "acme")
ON_GITHUB = Account("acme", "github", "acme")
ON_ALL = Organization("acme", "Acme", (ACCOUNT, ON_MODELSCOPE, ON_GITHUB))


def repos_on(*days: date) -> list[Repo]:
    return [repo(f"Foo-{n}.0", datetime.combine(day, time(8), UTC)) for n, day in enumerate(days)]


def poll(before: History, shown: Listing, findings: Findings = NOTHING, now: datetime = NOW) -> Decision:
    return decide(before, shown, findings, RULES, now)


def of_kind(alerts: tuple[Alert, ...], kind: AlertKind) -> list[Alert]:
    return [alert for alert in alerts if alert.kind is kind]


def test_a_baseline_raises_no_alert_and_logs_everything() -> None:
    days = weekly(date(2024, 1, 1), 20)
    decision = decide(history(listed_at=None), listing(*repos_on(*days)), NOTHING, RULES, NOW)
    assert decision.alerts == ()
    assert decision.releases is not None
    assert len(decision.releases) == 20
    assert (decision.is_baseline, decision.launched) == (True, False)


def test_one_launch_of_many_repositories_is_one_alert() -> None:
    shown = listing(*(repo(f"Foo-2-{n}B", NOW) for n in range(1, 22)))
    (alert,) = decide(history(), shown, NOTHING, RULES, NOW).alerts
    assert alert.message.title == "Acme released Foo-2"
    assert (len(alert.message.links), alert.message.more) == (10, 11)
    assert alert.due_at == NOW + RULES.settle


def test_repositories_that_appear_while_a_launch_is_gathered_join_its_alert() -> None:
    first = known("Foo-2-7B", EARLIER, between=(EARLIER, EARLIER), release_id=5)
    gathering = {5: Gathering("release:huggingface:x", (first.key,), EARLIER)}
    shown = listing(first.repo, repo("Foo-2-70B", NOW))
    decision = decide(history(first, gathering=gathering), shown, NOTHING, RULES, NOW)
    assert decision.alerts == ()
    (alert,) = decision.amended
    assert alert.key == "release:huggingface:x"
    assert alert.message.title == "Acme released Foo-2"
    assert [link.text for link in alert.message.links] == ["acme-ai/Foo-2-7B", "acme-ai/Foo-2-70B"]


def test_repositories_that_join_an_announced_launch_are_told_of_on_their_own() -> None:
    first = known("Foo-2-7B", EARLIER, between=(EARLIER, EARLIER), release_id=5)
    (alert,) = decide(
        history(first), listing(first.repo, repo("Foo-2-7B-GGUF", NOW)), NOTHING, RULES, NOW
    ).alerts
    assert alert.message.title == "Acme added Foo-2-7B-GGUF to Foo-2-7B"
    assert [link.text for link in alert.message.links] == ["acme-ai/Foo-2-7B-GGUF"]


def test_a_repository_that_was_private_says_for_how_long() -> None:
    (alert,) = decide(history(), listing(repo("Foo-2", NOW - timedelta(days=40))), NOTHING, RULES, NOW).alerts
    assert (
        alert.message.lead
        == "1 repository on Hugging Face; created 39 days before becoming public. No launch before it is in the log."
    )


def test_what_vanishes_together_is_one_alert() -> None:
    before = [known(f"Foo-{n}", missing_since=EARLIER) for n in range(34)] + [known("Bar")]
    looks = {f"acme-ai/Foo-{n}": Look(Sight.GONE) for n in range(34)}
    decision = decide(history(*before), listing(before[-1].repo), Findings(looks), RULES, NOW)
    (alert,) = of_kind(decision.alerts, AlertKind.CHANGE)
    assert alert.message.title == "Acme withdrew 34 repositories"
    assert (alert.change, len(alert.names), alert.names[0]) == ("withdrawn", 34, "Foo-0")
    assert len(decision.changes) == 34


def test_globs_decide_what_is_in_the_log_and_letting_something_in_is_no_news() -> None:
    picky = replace(ACME, exclude=("*-GGUF",))
    shown = listing(repo("Foo-1", NOW), repo("Foo-1-GGUF", NOW))
    kept_out = decide(history(organization=picky), shown, NOTHING, RULES, NOW)
    assert kept_out.releases is not None
    assert [k.repo.short_name for release in kept_out.releases for k in release.repos] == ["Foo-1"]
    repos = [replace(k, release_id=1 if k.repo.short_name == "Foo-1" else None) for k in kept_out.repos]
    let_in = decide(history(*repos), shown, NOTHING, RULES, NOW + timedelta(minutes=9))
    assert let_in.alerts == ()
    assert let_in.releases is not None
    assert {k.repo.short_name for release in let_in.releases for k in release.repos} == {
        "Foo-1",
        "Foo-1-GGUF",
    }


def test_a_doubted_listing_decides_nothing() -> None:
    before = [known(f"Foo-{n}") for n in range(9)]
    decision = decide(history(*before), listing(before[0].repo, repo("New", NOW)), NOTHING, RULES, NOW)
    assert decision.doubt
    assert (decision.changes, decision.alerts, decision.releases) == ((), (), None)


def test_a_decision_is_the_same_for_rows_in_any_order() -> None:
    rows = [repo(f"Foo-2-{n}B", NOW) for n in range(5)]
    one = compare(history(), listing(*rows), NOTHING)
    other = compare(history(), listing(*reversed(rows)), NOTHING)
    assert set(one.repos) == set(other.repos)


def pending(**fields: object) -> KnownRepo:
    """A repository that has been there for three days without weights."""
    values = {"weights": Weights.PENDING, "contents": EMPTY, "between": (LONG_AGO, LONG_AGO), "release_id": 5}
    return known("Foo-2", LONG_AGO, **(values | fields))  # type: ignore[arg-type]


def test_a_pending_repository_is_no_alert_when_it_comes_nor_while_it_waits() -> None:
    shown = listing(repo("Foo-2", NOW, sha="1"))
    first = poll(history(), shown, inspected("acme-ai/Foo-2", EMPTY))
    assert (first.alerts, first.amended, first.launched) == ((), (), False)
    assert first.releases is not None
    assert [release.weights for release in first.releases] == [Weights.PENDING]
    waiting = history(*(replace(k, release_id=5) for k in first.repos))
    readme = listing(repo("Foo-2", NOW, sha="2"))
    again = poll(waiting, readme, inspected("acme-ai/Foo-2", Contents("2")))
    assert (again.alerts, again.amended, again.changes) == ((), (), ())


def test_the_arrival_of_its_weights_is_the_launch_and_dates_it() -> None:
    arrived = poll(history(pending()), listing(repo("Foo-2", LONG_AGO)), inspected("acme-ai/Foo-2", FULL))
    (alert,) = arrived.alerts
    assert (alert.kind, alert.message.title) == (AlertKind.RELEASE, "Acme released Foo-2")
    assert arrived.releases is not None
    (release,) = arrived.releases
    assert (release.id, release.released_at, release.basis) == (5, NOW, Basis.OBSERVED)
    assert arrived.launched


def test_a_baseline_is_silent_even_about_what_was_waited_for_when_it_was_watched_before() -> None:
    before = history(pending(), listed_at=None)
    decision = poll(before, listing(repo("Foo-2", LONG_AGO)), inspected("acme-ai/Foo-2", FULL))
    assert decision.is_baseline
    assert decision.alerts == ()


def other_hub(*repos: KnownRepo, account: Account = ON_MODELSCOPE, **fields: object) -> History:
    """What was known when another of the organisation's accounts was listed, not for the first time."""
    listed = {ACCOUNT: EARLIER, account: EARLIER}
    return history(*repos, organization=ON_ALL, account=account, listed=listed, **fields)


def on_modelscope(*names: str) -> Listing:
    return listing(*(repo(f"acme/{name}", NOW) for name in names), account=ON_MODELSCOPE)


LAUNCHED = known("Foo-2", LONG_AGO, between=(LONG_AGO, LONG_AGO), release_id=5)
SENT = {5: Gathering("release:huggingface:acme-ai/Foo-2", (LAUNCHED.key,), LONG_AGO)}


def test_a_copy_on_another_hub_amends_the_alert_of_its_release_though_it_was_sent() -> None:
    decision = poll(other_hub(LAUNCHED, announced=SENT), on_modelscope("Foo-2"))
    assert decision.alerts == ()
    (alert,) = decision.amended
    assert alert.key == "release:huggingface:acme-ai/Foo-2"
    assert set(alert.subjects) == {LAUNCHED.key, ("modelscope", "acme/Foo-2")}
    assert alert.message.title == "Acme released Foo-2"
    assert "Hugging Face first, ModelScope" in message_text(alert.message)


def test_what_was_told_apart_later_does_not_change_what_an_amended_alert_is_about() -> None:
    later = known("Foo-2-FP8", EARLIER, between=(EARLIER, EARLIER), release_id=5)
    (alert,) = poll(other_hub(LAUNCHED, later, announced=SENT), on_modelscope("Foo-2")).amended
    assert alert.message.title == "Acme released Foo-2"


def test_a_copy_of_what_was_there_on_the_baseline_is_no_news_at_all() -> None:
    decision = poll(other_hub(known("Foo-2", release_id=5)), on_modelscope("Foo-2"))
    assert (decision.alerts, decision.amended) == ((), ())
    assert decision.releases is not None
    assert [release.id for release in decision.releases] == [5]
    assert [change.repo for change in decision.changes] == ["acme/Foo-2"]  # recorded all the same


def test_what_is_more_than_a_copy_is_told() -> None:
    decision = poll(other_hub(LAUNCHED, announced=SENT), on_modelscope("Foo-2", "Foo-2-70B"))
    (alert,) = decision.alerts
    assert {name for _, name in alert.subjects} >= {"acme/Foo-2-70B"}
    assert alert.answers == next(iter(SENT.values())).key  # it continues the thread of the launch
    assert "Foo-2-70B" in alert.names


def test_the_same_model_in_another_format_on_the_same_hub_is_no_copy() -> None:
    (alert,) = poll(history(LAUNCHED, announced=SENT), listing(LAUNCHED.repo, repo("Foo-2-FP8", NOW))).alerts
    assert alert.message.title == "Acme added Foo-2-FP8 to Foo-2"


def test_an_empty_repository_does_not_swallow_the_launch_on_another_hub() -> None:
    (alert,) = poll(other_hub(pending()), on_modelscope("Foo-2")).alerts
    assert alert.message.title == "Acme released Foo-2"
    assert "ModelScope first; Hugging Face pending" in message_text(alert.message)


def test_new_repositories_of_a_witness_are_no_change_and_no_alert() -> None:
    decision = poll(
        other_hub(LAUNCHED, account=ON_GITHUB),
        listing(repo("acme/Foo-2", NOW), repo("acme/tools", NOW), account=ON_GITHUB),
    )
    assert (decision.changes, decision.alerts, decision.amended, decision.launched) == ((), (), (), False)
    assert decision.releases is not None
    assert [[k.hub for k in release.repos] for release in decision.releases] == [["huggingface", "github"]]


def test_what_changes_about_a_linked_witness_is_recorded_and_not_told() -> None:
    code = known("acme/Foo-2", hub="github", account="acme", licence="mit", release_id=5)
    shown = listing(repo("acme/Foo-2", "2026-01-01", licence="gpl-3.0"), account=ON_GITHUB)
    decision = poll(other_hub(LAUNCHED, code, account=ON_GITHUB), shown)
    assert [change.after for change in decision.changes] == ["gpl-3.0"]
    assert decision.alerts == ()


def after_blindness(launches: int) -> Decision:
    shown = listing(*(repo(f"Foo-{n}.0", LONG_AGO + timedelta(hours=1)) for n in range(launches)))
    return poll(history(listed_at=LONG_AGO, unseen_since=LONG_AGO), shown)


def test_many_launches_that_are_found_after_blindness_are_one_alert() -> None:
    (alert,) = after_blindness(TOLD_APART + 1).alerts
    assert alert.message.title == "Acme: 4 releases found after 3 days out of sight"
    assert len(alert.subjects) == 4
    assert alert.due_at == NOW  # nothing joins it


def test_few_launches_that_are_found_after_blindness_are_told_apart_and_marked() -> None:
    decision = after_blindness(TOLD_APART)
    assert [a.message.title for a in decision.alerts] == [f"Acme released Foo-{n}.0" for n in range(3)]
    for alert in decision.alerts:
        assert dict(alert.message.facts)["Found late"].startswith("it became public between 2026-05-29 12:00")
    assert decision.releases is not None
    assert {release.released_at for release in decision.releases} == {LONG_AGO + timedelta(hours=1)}


def test_many_launches_in_plain_sight_are_told_apart() -> None:
    shown = listing(*(repo(f"Foo-{n}.0", NOW) for n in range(9)))
    assert len(poll(history(), shown).alerts) == 9


def test_an_account_that_was_renamed_is_told_once_with_the_line_to_write() -> None:
    before, now = history(LAUNCHED), LAUNCHED.repo
    alerts = [poll(before, listing(now, listed_as="acme-labs"), now=at).alerts for at in (NOW, NOW + HOUR)]
    assert len({alert.key for told in alerts for alert in told}) == 1
    assert alerts[0][0].kind is AlertKind.HEALTH
    assert 'huggingface = ["acme-labs"]' in message_text(alerts[0][0].message)
    assert poll(before, listing(now)).alerts == ()


def test_a_listing_that_leaves_nothing_to_do_is_settled() -> None:
    seen = history(replace(LAUNCHED, release_id=5))
    decision = poll(seen, listing(LAUNCHED.repo))
    assert (decision.repos, decision.releases, decision.is_settled) == ((), None, True)


def test_the_baseline_of_a_second_account_raises_nothing() -> None:
    before = history(LAUNCHED, organization=ON_ALL, account=ON_MODELSCOPE, listed={ACCOUNT: NOW})
    decision = poll(before, on_modelscope("Foo-2", "Bar-1"))
    assert (decision.is_baseline, decision.alerts, decision.amended) == (True, (), ())
