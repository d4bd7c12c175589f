"""Check everything that a person sets up: the two files, the environment, the database, the hubs, the receivers."""

import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from monitor.app import App
from monitor.charts.png import MISSING, can_draw
from monitor.config import Config, Environment
from monitor.config.model import Charts
from monitor.config.receivers import APPRISE, SLACK, SLACK_WEBHOOK, TERMINAL, WEBHOOK, set_up, unreachable
from monitor.core.appearances import hub_name
from monitor.core.checkup import Finding, State, Use
from monitor.core.telling import Chart, Link, Message
from monitor.core.types import Account
from monitor.errors import ConfigError, HubError, StoreError, Trouble
from monitor.hubs import Hub
from monitor.hubs.accounts import problem_of
from monitor.notify.guard import Guard, TooLateError
from monitor.store import Store
from monitor.store.engine import sqlite_path
from monitor.store.migrate import HEAD, schema_of

# As long as somebody waits gladly; a hub may take half a minute to answer.
PATIENCE = timedelta(seconds=10)

_LITTLE, _TOO_LITTLE = 200_000_000, 20_000_000  # bytes
_TOKENS = {"huggingface": "HF_TOKEN", "modelscope": "MODELSCOPE_TOKEN", "github": "GITHUB_TOKEN"}
_NETWORK = "check this machine's network and HTTPS_PROXY"
_WORKS_IF_POSTED = "`release-monitor notify test` posts to it: nothing else shows whether it works"


def receivers_of(config: Config, environment: Environment) -> tuple[str, ...]:
    """Return everybody who may be told: whoever no route is needed for, and those whom only routes name."""
    known = set_up(environment)
    routed = [receiver for route in config.settings.routes for receiver in route.receivers]
    bots = environment.slack_bot_token is not None
    there = [
        one for one in routed if one in known or one == TERMINAL or (bots and one.startswith(f"{SLACK}:"))
    ]
    return tuple(dict.fromkeys((*known, *there)))


def checked_config(config: Config, environment: Environment) -> Iterator[Finding]:
    """Yield what is to be said of the files and the environment, which are valid by themselves."""
    accounts = len(config.accounts)
    text = f"{config.directory}: {len(config.organizations)} organisations, {accounts} accounts"
    yield Finding("configuration", State.OK, text)
    for doubt in (*config.warnings, *unreachable(config.settings.routes, environment)):
        yield Finding("configuration", State.WARNING, doubt)
    for notice in environment.notices:
        yield Finding("environment", State.WARNING, notice)
    timetable = config.settings.notify.timetable
    yield Finding("times", State.OK, f"times of day are of {timetable.time_zone}")
    if config.settings.slack.charts is Charts.PNG and not can_draw():
        yield Finding("charts", State.WARNING, 'charts = "png" needs a library that is not there', MISSING)
    if config.settings.slack.permitted and not environment.slack_app_token:
        text = "`permitted` names people, but without SLACK_APP_TOKEN nobody is heard"
        yield Finding("configuration", State.WARNING, text, "set SLACK_APP_TOKEN, or take `permitted` away")


def checked_database(environment: Environment, patience: timedelta = PATIENCE) -> Iterator[Finding]:
    """Yield how the database is; nothing is made or changed."""
    try:
        store = Store(environment.database_url)
    except StoreError as error:
        yield Finding("database", State.PROBLEM, str(error))
        return
    try:
        revision = Guard(patience.total_seconds()).run(lambda: schema_of(store.engine))
        path = sqlite_path(store.engine)
    except TooLateError as error:
        text = f"{environment.database_shown}: {error}"
        yield Finding("database", State.PROBLEM, text, "check that the server runs and DATABASE_URL is right")
        return
    except StoreError as error:
        yield Finding("database", State.PROBLEM, str(error))
        return
    finally:
        store.close()
    yield _schema(environment.database_shown, revision, is_file=path is not None)
    if path is not None:
        yield from _disk(path)


def _schema(shown: str, revision: str | None, *, is_file: bool) -> Finding:
    if revision is None:
        return Finding("database", State.OK, f"{shown}: has no tables yet; the first start makes them")
    if revision == HEAD:
        return Finding("database", State.OK, f"{shown}: schema {revision}")
    if is_file:
        return Finding(
            "database", State.OK, f"{shown}: schema {revision}; the next start copies and migrates it"
        )
    text = f"{shown}: schema {revision} is older than this version"
    return Finding("database", State.PROBLEM, text, "stop the workers and run `release-monitor db upgrade`")


def _disk(path: Path) -> Iterator[Finding]:
    folder = next(parent for parent in path.parents if parent.exists())
    free = shutil.disk_usage(folder).free
    text = f"{free / 1e9:.1f} GB free in {folder}"
    if not os.access(folder, os.W_OK):
        yield Finding(
            "disk", State.PROBLEM, f"{folder} cannot be written to", "correct its owner or permissions"
        )
    elif free < _TOO_LITTLE:
        yield Finding("disk", State.PROBLEM, text, "make room: a full disk stops the log")
    else:
        yield Finding("disk", State.WARNING if free < _LITTLE else State.OK, text)


def checked_hubs(
    config: Config, hubs: Mapping[str, Hub], patience: timedelta = PATIENCE
) -> Iterator[Finding]:
    """Yield for each hub whether it answers, asking it for one account; all are asked at once."""
    first: dict[str, Account] = {}
    for account in config.accounts:
        first.setdefault(account.hub, account)
    with ThreadPoolExecutor(max_workers=max(1, len(first))) as pool:
        yield from pool.map(lambda account: _hub(account, hubs[account.hub], patience), first.values())


def _hub(account: Account, hub: Hub, patience: timedelta) -> Finding:
    subject = hub_name(account.hub)
    try:
        # Guarded, since an adapter waits longer than a person at a terminal does.
        problem = Guard(patience.total_seconds()).run(lambda: problem_of(account, hub))
    except TooLateError as error:
        return Finding(subject, State.PROBLEM, str(error), _NETWORK)
    except HubError as error:
        return Finding(subject, State.PROBLEM, str(error), _hub_remedy(account.hub, error.trouble))
    if problem:
        text = f"answers, but of {account}: {problem}"
        return Finding(subject, State.WARNING, text, "`release-monitor orgs check` asks for every account")
    return Finding(subject, State.OK, f"answers, and knows {account}")


def _hub_remedy(hub: str, trouble: Trouble) -> str | None:
    if trouble is Trouble.UNREACHABLE:
        return _NETWORK
    if trouble is Trouble.REFUSED and hub in _TOKENS:
        return f"check {_TOKENS[hub]}: unset it to ask without a token"
    return None


def checked_receivers(app: App, config: Config) -> Iterator[Finding]:
    """Yield for each receiver what can be known without sending anything."""
    env = app.environment
    receivers = receivers_of(config, env)
    yield from _slack(config, env, receivers)
    try:
        app.notifiers()
    except ConfigError as error:
        yield from (Finding("receivers", State.PROBLEM, problem) for problem in error.problems)
    for receiver in receivers:
        if receiver == TERMINAL:
            yield Finding(receiver, State.OK, "messages are printed: no other receiver is set up")
        elif receiver in (SLACK_WEBHOOK, WEBHOOK) or receiver.partition(":")[0] == APPRISE:
            yield Finding(receiver, State.OK, f"its address is one that can be sent to; {_WORKS_IF_POSTED}")
    if env.ping_url:
        yield Finding("MONITOR_PING_URL", State.OK, "is an address; it is asked after polls, and was not now")


def _slack(config: Config, env: Environment, receivers: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what Slack says of the bot and its channels."""
    if not env.slack_bot_token:
        return
    from monitor.notify.slack_checkup import SlackCheckup, check_slack

    use = use_of(config, env)
    checkup = SlackCheckup(env.slack_bot_token, env.slack_api_url, use)
    channels = [one.partition(":")[2] for one in receivers if one.startswith(f"{SLACK}:")]
    yield from check_slack(checkup, channels, env.slack_app_token, sample_message())


def use_of(config: Config, environment: Environment) -> Use:
    """Return what of Slack the settings use."""
    return Use(environment.slack_app_token is not None, config.settings.slack.charts is Charts.PNG)


def sample_message() -> Message:
    """Return a message with everything that an alert may have, which says that it is only a test."""
    return Message(
        title="A test message of the release monitor",
        lead="If you can read this, alerts will arrive here. An alert looks like this one:",
        facts=(
            ("Before", "1.2 release days a month (95%: 0.8 to 1.7)"),
            ("Since then", "4.8 (95%: 2.9 to 7.1)"),
        ),
        links=(Link("Example-4 (2026-04-24)", "https://huggingface.co/models"),),
        note="Sent by `release-monitor notify test`.",
        chart=Chart(
            title="Example: launches a month",
            months=("2026-02", "2026-03", "2026-04"),
            launches=(1, 2, 5),
            release_days=(1, 2, 5),
            until=3.0,
            described="Launches a month from February to April 2026, 1 to 5.",
        ),
    )
