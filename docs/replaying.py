"""Let the monitor's own core say what recorded history would have had it say."""

import csv
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from monitor.config import load
from monitor.core.brief import WEEK, Pulse, Week, brief_message
from monitor.core.cadence.budget import expected_false_alerts_per_month
from monitor.core.cadence.panel import Member
from monitor.core.cadence.record import Record
from monitor.core.cadence.verdict import verdict
from monitor.core.companions import companions
from monitor.core.decide import decide
from monitor.core.health import AccountHealth
from monitor.core.history import Findings, History, Rules
from monitor.core.judge import Judgement, Past, judge, release_days
from monitor.core.messages import with_company
from monitor.core.releases import regroup
from monitor.core.telling import Alert, Message
from monitor.core.types import (
    Basis,
    Budgets,
    Direction,
    KnownRepo,
    Level,
    Listing,
    Organization,
    Release,
    Repo,
)
from monitor.demo.play import CONFIG
from monitor.demo.recorded import load_recorded

ROOT = Path(__file__).parent.parent
DAY = timedelta(days=1)
HUB = "huggingface"


def moment(text: str) -> datetime:
    """Read "2026-05-01" or "2026-05-01T10:00" as a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def known_repo(name: str, created: datetime, hub_id: str | None = None, **fields: str | None) -> KnownRepo:
    """Return a repository of Hugging Face that was seen as soon as it was made."""
    url = f"https://huggingface.co/{name}"
    repo = Repo(hub_id or name, name, url, created_at=created, **fields)  # type: ignore[arg-type]
    return KnownRepo(HUB, name.partition("/")[0], repo, first_seen_at=created)


def laboratory(key: str) -> Organization:
    """Return an organisation that the demo watches."""
    return next(one for one in load(CONFIG).organizations if one.key == key)


def recorded_repos(key: str) -> tuple[KnownRepo, ...]:
    """Return an organisation's repositories of the recording."""
    owner = laboratory(key).accounts[0].name
    return tuple(
        known_repo(
            one.name,
            one.created_at,
            pipeline_tag=one.pipeline_tag,
            licence=next(
                (tag.removeprefix("license:") for tag in one.tags if tag.startswith("license:")), None
            ),
        )
        for one in load_recorded()
        if one.name.partition("/")[0] == owner
    )


def recorded_launch(key: str, before: str, now: str) -> Message:
    """Return what is told of what an organisation of the recording published between two polls."""
    return launch_message(laboratory(key), recorded_repos(key), moment(before), moment(now))


def launch_message(
    organization: Organization,
    repos: Iterable[KnownRepo],
    before: datetime,
    now: datetime,
    *,
    hidden: bool = False,
) -> Message:
    """Return what is told of what became public between two polls; of `hidden` ones all did."""
    account = organization.accounts[0]
    is_new = {known.key: hidden or known.first_seen_at > before for known in repos}
    there = [known for known in repos if known.first_seen_at <= now]
    history = History(
        organization,
        account,
        repos=tuple(known for known in there if not is_new[known.key]),
        listed_at={account: before},
    )
    listing = Listing(account, now, tuple(known.repo for known in there), listed_as=account.name)
    alerts = decide(history, listing, Findings(), Rules(), now).alerts
    return max((alert.message for alert in alerts), key=lambda message: len(message.links))


def qwen_releases() -> tuple[Release, ...]:
    """Return a release for each release day of Qwen."""
    path = ROOT / "tests" / "data" / "cadence" / "qwen-releases.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Release(None, row["name"], "language", at, Basis.OBSERVED, at, (known_repo("Qwen", at),))
        for row in rows
        if (at := datetime.fromisoformat(row["released_at"]))
    )


def _judged(
    organization: Organization, releases: Iterable[Release], now: datetime, watched_since: date | None = None
) -> Judgement:
    """Judge a cadence as on the morning of a day; of the month before it everything is told."""
    return judge(
        Past(
            organization,
            tuple(one for one in releases if one.released_at and one.released_at <= now),
            listed_at=now,
            silent_until=(now - 60 * DAY).date(),
            watched_since=watched_since,
        ),
        Rules(),
        now,
    )


def cadence_message(
    organization: Organization,
    releases: Iterable[Release],
    day: str,
    level: Level,
    watched_since: date | None = None,
) -> Message:
    """Return what is told of a cadence on the morning of a day."""
    judgement = _judged(organization, releases, moment(day) + timedelta(hours=6), watched_since)
    return next(alert.message for alert in judgement.alerts if alert.level is level)


def in_company(key: str, releases: Iterable[Release], day: str) -> Message:
    """Say a change, with what the other laboratories of the recording did meanwhile."""
    now = moment(day) + timedelta(hours=6)
    organizations = {one.key: one for one in load(CONFIG).organizations}
    told = {key: tuple(releases)}
    told |= {other: regroup(recorded_repos(other)) for other in organizations if other != key}
    judged = {other: _judged(one, told[other], now).cadence for other, one in organizations.items()}
    members = {
        other: Member.of(
            state, Record(release_days(r for r in told[other] if r.released_at and r.released_at <= now))
        )
        for other, state in judged.items()
        if state and state.baseline
    }
    countries = {other: one.country for other, one in organizations.items()}
    found = companions(key, countries, members, (now - DAY).date())
    message = cadence_message(organizations[key], told[key], day, Level.ALERT)
    return with_company(message, found) if found else message


def brief_of(now: datetime) -> Message:
    """Write the brief on the laboratories of the recording, watched since June 2025, all accounts seen just before.

    Without Alibaba, whose release days other episodes take from a fuller table: one page must not tell two stories.
    """
    budgets = Budgets()
    organizations = [one for one in load(CONFIG).organizations if one.key != "alibaba"]
    judged = {one: _judged(one, regroup(recorded_repos(one.key)), now) for one in organizations}
    alerts = [alert for judgement in judged.values() for alert in judgement.alerts]
    recent = [alert for alert in alerts if date.fromisoformat(alert.key[-10:]) >= (now - WEEK).date()]
    account = (
        AccountHealth(one.accounts[0], 0, None, None, None, now - timedelta(minutes=20)) for one in judged
    )
    return brief_message(
        Week(
            until=now,
            pulses=tuple(_pulse(one, judgement, budgets, now) for one, judgement in judged.items()),
            accounts=tuple(account),
            changes=_titles(recent, Level.ALERT),
            possible=_titles(recent, Level.WATCHING),
            false_alerts=expected_false_alerts_per_month(len(organizations), budgets.alert),
        )
    )


def _titles(alerts: Iterable[Alert], level: Level) -> tuple[str, ...]:
    silent = Direction.SILENT if level is Level.WATCHING else None  # told as of the day of the brief
    return tuple(one.message.title for one in alerts if one.level is level and one.direction is not silent)


def _pulse(organization: Organization, judgement: Judgement, budgets: Budgets, now: datetime) -> Pulse:
    releases = [
        one for one in regroup(recorded_repos(organization.key)) if one.released_at and one.released_at <= now
    ]
    found = verdict(judgement.cadence, Record(release_days(releases)), budgets, now.date())
    shorter, _, gaps = (found.gap_rank or "").partition(" of ")
    return Pulse(
        key=organization.key,
        name=organization.name,
        launches=tuple(sorted(one.released_at.date() for one in releases if one.released_at)),
        regime=found.regime,
        level=found.level,
        since=found.since,
        days_since_last=found.days_since_last,
        rank=(int(shorter), int(gaps)) if gaps else None,
    )
