"""The shape of the two files, for pydantic; what single values may be is in `rules`."""

from collections.abc import Mapping
from datetime import timedelta
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

from monitor.config import rules
from monitor.config.model import HUBS, Delivery, NotifySettings, PollSettings, Settings
from monitor.config.problems import in_words
from monitor.core.types import WITNESSES, Account, Budgets, Organization
from monitor.errors import ConfigError

Name = Annotated[str, AfterValidator(rules.check_name)]
Country = Annotated[str, AfterValidator(rules.check_country)]
Groups = list[Annotated[str, AfterValidator(rules.check_group)]]
Globs = list[Annotated[str, AfterValidator(rules.check_glob)]]
Every = Annotated[timedelta | None, BeforeValidator(rules.parse_every)]
NewestEvery = Annotated[timedelta | None, BeforeValidator(rules.parse_newest_every)]
Settle = Annotated[timedelta, BeforeValidator(rules.parse_settle)]
Mode = Annotated[Delivery, BeforeValidator(rules.parse_delivery)]
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

    releases: Mode | None = None
    cadence: Mode | None = None
    changes: Mode | None = None
    health: Mode | None = None
    watching: Mode | None = None
    settle: Settle | None = None


class SettingsTable(Table):
    """The whole of settings.toml."""

    poll: PollTable = PollTable()
    cadence: CadenceTable = CadenceTable()
    notify: NotifyTable = NotifyTable()

    def value(self) -> Settings:
        """Return the settings, with the defaults where nothing is written."""
        return Settings(
            poll=PollSettings(self.poll.every, self.poll.newest_every),
            cadence=Budgets(self.cadence.alert, self.cadence.watch),
            notify=NotifySettings(**self.notify.model_dump(exclude_unset=True)),
        )


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
        known = {"": list(SettingsTable.model_fields)}
        for name, shape in (
            ("poll", PollTable),
            ("cadence", CadenceTable),
            ("notify", NotifyTable),
        ):
            known[name] = list(shape.model_fields)
        raise ConfigError(in_words(error.errors(), known)) from None
