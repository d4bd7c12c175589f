"""The composition root: the only place that builds things and knows who needs whom."""

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, TextIO, TypedDict

from monitor.clock import utc_now
from monitor.config import HUBS, Config, Environment
from monitor.core.history import Rules
from monitor.core.types import Quota
from monitor.deliver import PACE, Deliverer
from monitor.newest import FastLane
from monitor.notify import Notifier
from monitor.pace import Watch
from monitor.poll import Poller
from monitor.store import Store, limits, watchlist
from monitor.store.migrate import open_store

if TYPE_CHECKING:
    from monitor.hubs import Hub

TERMINAL = "terminal"
WEBHOOK = "slack-webhook"


# New objects between two looks for cycles. Python's own 700 have all listings in hand looked through again and again:
# a tenth to a sixth of the time of a first sweep.
_BETWEEN_LOOKS = 100_000


@dataclass(slots=True)
class App:
    """The parts of one process, made from the environment and built when first asked for.

    `config` is the last valid one; everything that may change while we run goes through it.
    """

    environment: Environment
    store: Store
    clock: Callable[[], datetime] = utc_now
    stdout: TextIO = field(default_factory=lambda: sys.stdout)

    def watch(self, config: Config) -> Watch:
        """Make the store watch what the configuration says, and return what polls need of it."""
        with self.store.writing() as tx:
            watchlist.watch(tx, config.organizations, self.clock())
        return Watch(
            organizations={organization.key: organization for organization in config.organizations},
            rules=rules(config, receivers(self.environment)),
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
        return Deliverer(self.store, self.notifiers(), self.clock, pace=pace)

    def notifiers(self) -> Callable[[str], Notifier | None]:
        """Return a function from a receiver's name to what delivers to it; None where that is not set up."""
        from monitor.notify.slack import SlackBot, SlackWebhook
        from monitor.notify.terminal import Terminal

        env = self.environment
        kinds: dict[str, Notifier] = {TERMINAL: Terminal(self.stdout)}
        if env.slack_bot_token:
            kinds["slack"] = SlackBot(env.slack_bot_token, env.slack_api_url)
        if env.slack_webhook_url:
            kinds[WEBHOOK] = SlackWebhook(env.slack_webhook_url, env.slack_api_url)
        return lambda receiver: kinds.get(receiver.partition(":")[0])


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
    """Return who is told: a Slack channel, a Slack webhook, or the terminal where neither is set up."""
    if environment.slack_bot_token and environment.slack_channel:
        return (f"slack:{environment.slack_channel}",)
    return (WEBHOOK,) if environment.slack_webhook_url else (TERMINAL,)


def rules(config: Config, receivers: tuple[str, ...]) -> Rules:
    """Turn settings into the rules of decisions."""
    return Rules(
        budgets=config.settings.cadence,
        settle=config.settings.notify.settle,
        muted=config.settings.notify.muted,
        receivers=receivers,
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
