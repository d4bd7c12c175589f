"""The composition root: the only place that builds things and knows who needs whom."""

import gc
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TextIO, TypedDict

from monitor.clock import utc_now
from monitor.config import HUBS, Config, Environment, Settings
from monitor.config.receivers import SLACK, SLACK_WEBHOOK, TERMINAL, WEBHOOK, reachable, set_up, variable
from monitor.core.history import Rules
from monitor.core.routing import Routing
from monitor.core.telling import Notification
from monitor.core.types import Quota
from monitor.deliver import PACE, Deliverer
from monitor.errors import ConfigError
from monitor.newest import FastLane
from monitor.notify import Notifier
from monitor.pace import Watch
from monitor.poll import Poller
from monitor.store import Store, limits, told, watchlist
from monitor.store.migrate import open_store, prepare
from monitor.store.replanning import replan

if TYPE_CHECKING:
    from monitor.hubs import Hub

# New objects between two looks for cycles. Python's own 700 have all listings in hand looked through again and again:
# a tenth to a sixth of the time of a first sweep.
_BETWEEN_LOOKS = 100_000


@dataclass(slots=True)
class App:
    """The parts of one process, made from the environment and built when first asked for.

    `settings` are those of the last valid configuration that was watched: whoever delivers asks for them each time,
    so that a change holds at once.
    """

    environment: Environment
    store: Store
    clock: Callable[[], datetime] = utc_now
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    settings: Settings = field(default_factory=Settings)

    def watch(self, config: Config) -> Watch:
        """Make the store watch what the configuration says, and return what polls need of it."""
        rules_in_force = rules(config, self.environment)
        with self.store.writing() as tx:
            watchlist.watch(tx, config.organizations, self.clock())
            replan(tx, rules_in_force)
        self.settings = config.settings
        return Watch(
            organizations={organization.key: organization for organization in config.organizations},
            rules=rules_in_force,
            every=config.settings.poll.every,
            newest_every=config.settings.poll.newest_every,
        )

    @contextmanager
    def poller(self, hubs: "Mapping[str, Hub]") -> Iterator[Poller]:
        """Build what polls these hubs, and wait for its last answers afterwards."""
        poller = Poller(self.store, hubs, self.clock)
        with _seldom_collected():
            try:
                yield poller
            finally:
                poller.close()

    @contextmanager
    def hubs(self) -> "Iterator[Mapping[str, Hub]]":
        """Build every hub by its name, each with the pause that it asked an earlier process for."""
        from monitor.hubs.github import GitHub
        from monitor.hubs.huggingface import HuggingFace
        from monitor.hubs.modelscope import ModelScope
        from monitor.hubs.openrouter import OpenRouter

        env, clock = self.environment, self.clock
        with self.store.writing() as tx:
            limits.enter_access(tx, access_digests(env))
            told = {name: _told(env, limits.hub_limits(tx, name, clock())) for name in HUBS}
        known = (
            HuggingFace(env.hf_endpoint, env.hf_token, clock, **told["huggingface"]),
            ModelScope(env.modelscope_endpoint, env.modelscope_token, clock, **told["modelscope"]),
            GitHub(env.github_api_url, env.github_token, clock, **told["github"]),
            OpenRouter(env.openrouter_api_url, clock, **told["openrouter"]),
        )
        try:
            yield dict(zip(HUBS, known, strict=True))
        finally:
            for hub in known:
                hub.close()

    def fast_lane(self, hubs: "Mapping[str, Hub]") -> FastLane:
        """Build what asks hubs for their newest repositories."""
        return FastLane(self.store, hubs, self.clock)

    def deliverer(self, pace: timedelta = PACE) -> Deliverer:
        """Build what delivers."""
        return Deliverer(
            self.store,
            self.notifiers(),
            self.clock,
            lambda: self.settings.notify.timetable,
            pace=pace,
            public_url=lambda: self.settings.web.public_url,
        )

    def notifiers(self) -> Callable[[str], Notifier | None]:
        """Return a function from a receiver's name to what delivers to it; None where that is not set up.

        Raises ConfigError where a library that is needed for one is not there.
        """
        from monitor.notify.slack import SlackBot, SlackWebhook
        from monitor.notify.slack_actions import actions_of
        from monitor.notify.terminal import Terminal

        env = self.environment

        def charts() -> str:
            return self.settings.slack.charts

        found: dict[str, Notifier] = {TERMINAL: Terminal(self.stdout), **self._apprises()}
        if env.slack_bot_token:
            found[SLACK] = SlackBot(
                env.slack_bot_token,
                env.slack_api_url,
                charts=charts,
                # Without an app-level token nobody would hear a click.
                buttons=actions_of if env.slack_app_token else lambda _: (),
            )
        if env.slack_webhook_url:
            found[SLACK_WEBHOOK] = SlackWebhook(env.slack_webhook_url, env.slack_api_url, charts=charts)
        if env.webhook_url and env.webhook_secret:
            from monitor.notify.webhook import Webhook

            found[WEBHOOK] = Webhook(env.webhook_url, env.webhook_secret, self._told, self.clock)
        # The bot posts to any channel; of everything else the name is the whole address.
        return lambda receiver: found.get(SLACK if receiver.startswith(f"{SLACK}:") else receiver)

    def _apprises(self) -> dict[str, Notifier]:
        """Build what sends by Apprise, whose library is loaded only if something is set up to be sent so."""
        urls, problems = self.environment.apprise_urls, list[str]()
        found: dict[str, Notifier] = {}
        for receiver, url in urls.items():
            from monitor.notify.apprise import Apprise

            try:
                found[receiver] = Apprise(url, variable(receiver))
            except ConfigError as error:
                problems += error.problems
        if problems:
            raise ConfigError(problems)
        return found

    def _told(self, notification: Notification) -> Sequence[Mapping[str, Any]]:
        with self.store.reading() as tx:
            return told.alerts_told(tx, notification.id)


class _Told(TypedDict):
    """What each adapter is told: who asks, and what its hub asked an earlier process for."""

    contact: str | None
    paused_until: datetime | None
    quota: Quota | None


def _told(environment: Environment, held: limits.HubLimits) -> _Told:
    return _Told(contact=environment.contact, paused_until=held.paused_until, quota=held.quota)


def open_app(environment: Environment, say: Callable[[str], object]) -> App:
    """Open the store, creating or migrating a SQLite file, and tell a person what is worth knowing of it."""
    return App(environment, open_store(environment.database_url, say))


@contextmanager
def opened_apart(environment: Environment) -> Iterator[App]:
    """Open an app on a database in memory, for who only asks and must leave no trace."""
    store = Store("sqlite://")
    try:
        prepare(store.engine)
        yield App(environment, store)
    finally:
        store.close()


def access_digests(environment: Environment) -> dict[str, str]:
    """Return for each hub a short text that differs with its endpoint and token, and gives neither away."""
    env = environment
    access = {
        "huggingface": (env.hf_endpoint, env.hf_token),
        "modelscope": (env.modelscope_endpoint, env.modelscope_token),
        "github": (env.github_api_url, env.github_token),
        "openrouter": (env.openrouter_api_url, None),
    }
    return {hub: sha256(repr(pair).encode()).hexdigest()[:16] for hub, pair in access.items()}


def receivers(environment: Environment) -> tuple[str, ...]:
    """Return who is told of whatever no route fits: everybody who is set up, else the terminal."""
    return set_up(environment)


def rules(config: Config, environment: Environment) -> Rules:
    """Turn settings into the rules of decisions; routes to what is not set up lead to who is."""
    notify, routes = config.settings.notify, reachable(config.settings.routes, environment)
    return Rules(
        budgets=config.settings.cadence,
        settle=notify.settle,
        routing=Routing(set_up(environment), routes, notify.modes),
        timetable=notify.timetable,
    )


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for cycles less often: listings are many objects, and make none."""
    before = gc.get_threshold()
    gc.freeze()  # what is loaded by now stays
    gc.set_threshold(_BETWEEN_LOOKS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
