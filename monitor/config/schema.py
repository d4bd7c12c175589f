"""The shape of the two files, for pydantic; what single values may be is in `rules`."""

from collections.abc import Mapping
from datetime import time, timedelta
from functools import partial
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    model_validator,
)

from monitor.config import route_rules, rules, times
from monitor.config.model import (
    HUBS,
    Charts,
    NotifySettings,
    PollSettings,
    Settings,
    SlackSettings,
    WebSettings,
)
from monitor.config.problems import in_words
from monitor.core.routing import Match, Mode, Route
from monitor.core.timetable import Timetable
from monitor.core.types import WITNESSES, Account, Budgets, Organization
from monitor.errors import ConfigError

Name = Annotated[str, AfterValidator(rules.check_name)]
Country = Annotated[str, AfterValidator(rules.check_country)]
Groups = list[Annotated[str, AfterValidator(rules.check_group)]]
Globs = list[Annotated[str, AfterValidator(rules.check_glob)]]
Every = Annotated[timedelta | None, BeforeValidator(rules.parse_every)]
NewestEvery = Annotated[timedelta | None, BeforeValidator(rules.parse_newest_every)]
Settle = Annotated[timedelta, BeforeValidator(rules.parse_settle)]
ModeKey = Annotated[Mode, BeforeValidator(rules.parse_mode)]
Digest = Annotated[time | None, BeforeValidator(times.parse_digest)]
TimeZone = Annotated[str, AfterValidator(times.check_time_zone)]
QuietHours = Annotated[tuple[time, time] | None, BeforeValidator(times.parse_quiet_hours)]
Brief = Annotated[tuple[int, time] | None, BeforeValidator(times.parse_brief)]
ChartsKey = Annotated[Charts, BeforeValidator(rules.parse_charts)]
# A route by an empty list would fit everything: such a key is left out.
_Filled = AfterValidator(route_rules.check_filled)
Keys = Annotated[list[Annotated[str, AfterValidator(rules.check_key)]], _Filled]
Countries = Annotated[list[Country], _Filled]
Kinds = Annotated[list[Annotated[str, AfterValidator(route_rules.check_kind)]], _Filled]
Changes = Annotated[list[Annotated[str, AfterValidator(route_rules.check_change)]], _Filled]
Levels = Annotated[list[Annotated[str, AfterValidator(route_rules.check_level)]], _Filled]
RouteGlobs = Annotated[Globs, _Filled]
Channels = Annotated[list[Annotated[str, AfterValidator(route_rules.receiver)]], _Filled]
Probability = Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]


class Table(BaseModel):
    """A table of a file: unknown keys are errors, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OrganizationTable(Table):
    """What an organisation may say besides its accounts."""

    name: Name | None = None
    country: Country | None = None
    groups: Groups = []
    include: Globs = []
    exclude: Globs = []

    @model_validator(mode="after")
    def _has_an_account(self) -> "OrganizationTable":
        on = [hub for hub in HUBS if getattr(self, hub, ())]
        if not on:
            raise ValueError(f'has no account; add one, such as {HUBS[0]} = ["its-name-there"]')
        if WITNESSES.issuperset(on):
            makers = " or ".join(hub for hub in HUBS if hub not in WITNESSES)
            raise ValueError(
                f"has accounts on {' and '.join(on)} alone, where releases are confirmed but never made; "
                f"add a {makers} account"
            )
        return self

    def value(self, key: str) -> Organization:
        """Return the organisation that stands under `key`."""
        accounts = (Account(key, hub, name) for hub in HUBS for name in getattr(self, hub))
        return Organization(
            key=key,
            name=self.name or key,
            accounts=tuple(accounts),
            country=self.country,
            groups=tuple(dict.fromkeys(self.groups)),
            include=tuple(self.include),
            exclude=tuple(self.exclude),
        )


def _accounts_on(hub: str) -> Any:
    return list[Annotated[str, AfterValidator(partial(rules.check_account, hub=hub))]], Field(default=[])


# One key for each hub.
_accounts: dict[str, Any] = {hub: _accounts_on(hub) for hub in HUBS}
OrganizationWithAccounts = create_model("OrganizationWithAccounts", __base__=OrganizationTable, **_accounts)


class PollTable(Table):
    """[poll]."""

    every: Every = None
    newest_every: NewestEvery = PollSettings().newest_every


class CadenceTable(Table):
    """[cadence]."""

    alert: Probability = Budgets().alert
    watch: Probability = Budgets().watch

    @model_validator(mode="after")
    def _alert_is_rarer(self) -> "CadenceTable":
        if self.alert > self.watch:
            raise ValueError(
                f"alert ({self.alert:g}) must not be above watch ({self.watch:g}); lower alert or raise watch"
            )
        return self


class NotifyTable(Table):
    """[notify]. What is not written keeps the default of NotifySettings."""

    releases: ModeKey | None = None
    cadence: ModeKey | None = None
    changes: ModeKey | None = None
    health: ModeKey | None = None
    watching: ModeKey | None = None
    settle: Settle | None = None
    digest: Digest = None
    time_zone: TimeZone | None = None
    quiet_hours: QuietHours = None
    brief: Brief = None

    def value(self) -> NotifySettings:
        """Return the settings, with the defaults where nothing is written."""
        written = self.model_dump(exclude_unset=True)
        when = {field: written.pop(key) for key, field in _TIMETABLE.items() if key in written}
        return NotifySettings(timetable=Timetable(**when), **written)


# Keys of [notify] that make the timetable, with their names there.
_TIMETABLE = {"digest": "digest", "time_zone": "time_zone", "quiet_hours": "quiet", "brief": "brief"}


class MatchTable(Table):
    """What a route asks for; its keys are those of Match."""

    organization: Keys = []
    country: Countries = []
    group: Keys = []
    kind: Kinds = []
    change: Changes = []
    level: Levels = []
    name: RouteGlobs = []


class RouteTable(Table):
    """One of [[routes]]."""

    match: MatchTable = MatchTable()
    channels: Channels

    def value(self) -> Route:
        """Return the route."""
        asked = {key: tuple(values) for key, values in self.match.model_dump().items()}
        return Route(Match(**asked), tuple(dict.fromkeys(self.channels)))


class SlackTable(Table):
    """[slack]."""

    charts: ChartsKey = SlackSettings().charts
    permitted: list[Annotated[str, AfterValidator(route_rules.check_person)]] = []

    def value(self) -> SlackSettings:
        """Return the settings."""
        return SlackSettings(self.charts, tuple(dict.fromkeys(self.permitted)))


class WebTable(Table):
    """[web]."""

    address: Annotated[tuple[str, int], BeforeValidator(rules.parse_address)] = (
        WebSettings().host,
        WebSettings().port,
    )
    public_url: Annotated[str, AfterValidator(rules.check_public_url)] | None = None
    open: bool = WebSettings().open

    def value(self) -> WebSettings:
        """Return the settings."""
        host, port = self.address
        return WebSettings(host, port, self.public_url, self.open)


class SettingsTable(Table):
    """The whole of settings.toml."""

    poll: PollTable = PollTable()
    cadence: CadenceTable = CadenceTable()
    notify: NotifyTable = NotifyTable()
    slack: SlackTable = SlackTable()
    routes: Annotated[list[RouteTable], BeforeValidator(route_rules.check_tables)] = []
    web: WebTable = WebTable()

    def value(self) -> Settings:
        """Return the settings, with the defaults where nothing is written."""
        return Settings(
            poll=PollSettings(self.poll.every, self.poll.newest_every),
            cadence=Budgets(self.cadence.alert, self.cadence.watch),
            notify=self.notify.value(),
            routes=tuple(route.value() for route in self.routes),
            slack=self.slack.value(),
            web=self.web.value(),
        )


_SETTINGS: dict[str, type[Table]] = {
    "": SettingsTable,
    "poll": PollTable,
    "cadence": CadenceTable,
    "notify": NotifyTable,
    "slack": SlackTable,
    "web": WebTable,
    "routes": RouteTable,
    "routes.match": MatchTable,
}


def read_organization(key: str, table: Mapping[str, Any]) -> Organization:
    """Return the organisation that a table describes. Raises ConfigError, one problem a line, each by its key."""
    try:
        return OrganizationWithAccounts.model_validate(table).value(key)
    except ValidationError as error:
        raise ConfigError(
            in_words(error.errors(), {"": list(OrganizationWithAccounts.model_fields)}, key)
        ) from None


def read_settings(table: Mapping[str, Any]) -> Settings:
    """Return the settings that a file describes. Raises ConfigError like `read_organization`."""
    try:
        return SettingsTable.model_validate(table).value()
    except ValidationError as error:
        known = {name: list(shape.model_fields) for name, shape in _SETTINGS.items()}
        raise ConfigError(in_words(error.errors(), known)) from None
