"""What was logged and concluded, field by field as `--format json` prints it (docs/json.md)."""

from typing import Literal

from pydantic import BaseModel, Field

from monitor.core.contents import ConfirmationKind
from monitor.core.types import Basis, ChangeKind, Level, Regime, RepoState, Weights
from monitor.web.api.own_rows import Account
from monitor.web.api.shapes import Moment

Interval = list[float | None]


class Link(BaseModel):
    """Where a hub that holds no weights confirms a release."""

    hub: str
    kind: ConfirmationKind
    text: str
    url: str | None
    at: Moment | None


class Repo(BaseModel):
    """A repository of a release."""

    hub: str
    id: str = Field(description="owner/name, as shown today", examples=["deepseek-ai/DeepSeek-V3"])
    hub_id: str = Field(description="the hub's own stable id")
    url: str
    created_at: Moment | None
    first_seen_at: Moment
    published_between: list[Moment] | None = Field(
        description="the last complete listing without it, the first with it; null where it was there at the first look"
    )
    state: RepoState
    weights: Weights | None


class Release(BaseModel):
    """A row of `log`."""

    id: int = Field(description="outlives renames and regrouping", examples=[123])
    organization: str = Field(examples=["deepseek"])
    country: str | None = Field(examples=["CN"])
    name: str = Field(examples=["DeepSeek-V3"])
    kind: str
    released_at: Moment | None
    basis: Basis = Field(description="how it is dated: seen while we watched, by its creation, or not at all")
    first_seen_at: Moment
    found_late: bool
    hubs: list[str] = Field(
        description="in order of first appearance", examples=[["huggingface", "modelscope"]]
    )
    first_on: dict[str, Moment | None]
    weights: Weights
    parameters: int | None = Field(examples=[671_026_419_200])
    licence: str | None = Field(examples=["mit"])
    gated: str | None
    url: str | None
    links: list[Link]
    repos: list[Repo]


class Change(BaseModel):
    """A row of `changes`."""

    organization: str
    hub: str
    repo: str
    kind: ChangeKind
    before: str | None
    after: str | None
    detail: str | None
    seen_at: Moment


class Correction(BaseModel):
    """What a person corrected."""

    number: int
    organization: str
    kind: str
    repos: list[str]
    rest: list[str]
    name: str | None
    made_at: Moment


class Evidence(BaseModel):
    """An answer of a hub that something was concluded from; `what` is "first seen" or the kind of a change."""

    what: str
    repos: list[str]
    hub: str
    account: str
    url: str
    status: int
    sha256: str = Field(description="of the body as it reads once its Content-Encoding is undone")
    size: int = Field(description="of that body, in bytes")
    received_at: Moment


class WholeRelease(Release):
    """What `releases show` prints, what changed about its repositories since, the newest first, and the evidence."""

    why: list[str] = Field(description="why these repositories are one release, in sentences")
    corrections: list[Correction]
    changes: list[Change]
    evidence: list[Evidence] = Field(description="the answers that it is known from, as they came")


class Cadence(BaseModel):
    """A row of `cadence`; rates are release days a month."""

    organization: str
    regime: Regime
    level: Level | None
    rate_per_month: float | None
    interval: Interval | None
    interval_level: float
    since: Moment | None
    previous_rate_per_month: float | None
    releases: int
    release_days: int
    last_released_at: Moment | None
    days_since_last: int | None
    gap_rank: str | None = Field(examples=["25 of 30"])
    blind: bool
    why: str = Field(description="a sentence that can be quoted")
    launches_half_year: int
    launches_half_year_before: int
    blind_days_half_year: int
    blind_days_half_year_before: int
    watched_since: Moment | None
    dates: str | None
    company: str | None
    company_group: str | None
    company_moved: list[str] | None
    company_why: str | None


class Spell(BaseModel):
    """A row of `cadence --history`: a regime so far."""

    organization: str
    regime: Regime
    since: Moment
    until: Moment | None
    rate_per_month: float | None
    interval: Interval | None
    between: list[Moment] | None
    previous_rate_per_month: float | None
    previous_interval: Interval | None
    basis: str
    note: str | None


class GroupCadence(BaseModel):
    """A row of `cadence --group`."""

    group: str
    regime: Regime
    level: Level | None
    since: Moment | None
    between: list[Moment] | None
    release_days: int | None
    expected_release_days: float | None
    organizations: int
    judged: int
    leaning: int
    moved: list[str]
    watched_since: Moment | None
    why: str
    dates: str | None


class Contribution(BaseModel):
    """What one organisation made of a difference."""

    organization: str
    change: int


class LeftOut(BaseModel):
    """Who is not compared."""

    organization: str
    why: str


class Count(BaseModel):
    """A row of `counts`."""

    period: str = Field(examples=["2026-05", "2026-Q2", "2026-W19"])
    group: str
    launches: int
    release_days: int
    repos: int
    blind_days: int
    basis: str
    median: float | None
    previous_median: float | None
    change: int | None
    contributions: list[Contribution] | None
    panel: int | None
    left_out: list[LeftOut] | None
    watched_since: Moment | None
    is_running: bool


class Organization(BaseModel):
    """Whom we watch, or watched."""

    key: str = Field(examples=["deepseek"])
    name: str = Field(examples=["DeepSeek"])
    country: str | None
    groups: list[str]
    watched: bool
    accounts: list[Account] = Field(description="those that are watched now, as `status` prints them")


class WholeOrganization(Organization):
    """The same with the rows of `cadence` and `cadence --history`."""

    cadence: Cadence
    history: list[Spell]


class ChangeEntry(BaseModel):
    """A change, as whoever follows is told of it."""

    type: Literal["change"]
    number: int
    change: Change


class ReleaseEntry(BaseModel):
    """A release as it is now, as whoever follows is told of it."""

    type: Literal["release"]
    number: int
    release: Release
