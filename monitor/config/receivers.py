"""Who can be told: the names of receivers, and which of them the environment sets up."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from monitor.config.environment import Environment
from monitor.core.routing import Route

TERMINAL = "terminal"
SLACK = "slack"
SLACK_WEBHOOK = "slack-webhook"
WEBHOOK = "webhook"
APPRISE = "apprise"

# What sets a kind of receiver up.
_VARIABLES = {
    SLACK: "SLACK_BOT_TOKEN",
    SLACK_WEBHOOK: "SLACK_WEBHOOK_URL",
    WEBHOOK: "MONITOR_WEBHOOK_URL",
    APPRISE: "MONITOR_APPRISE_URL",
}


def set_up(environment: Environment) -> tuple[str, ...]:
    """Return the receivers that are told of whatever no route fits: all that are set up, else the terminal."""
    env = environment
    found = [f"{SLACK}:{env.slack_channel}"] if env.slack_bot_token and env.slack_channel else []
    found += [SLACK_WEBHOOK] if env.slack_webhook_url else []
    found += [WEBHOOK] if env.webhook_url else []
    return (*found, *env.apprise_urls) or (TERMINAL,)


def reachable(routes: Sequence[Route], environment: Environment) -> tuple[Route, ...]:
    """Return the routes without receivers that are not set up: what was for them would wait for ever.

    A route that has no other receiver leads to those of `set_up`, so that nothing is lost.
    """
    usual = set_up(environment)
    return tuple(
        replace(route, receivers=tuple(r for r in route.receivers if _is_set_up(r, environment)) or usual)
        for route in routes
    )


def unreachable(routes: Sequence[Route], environment: Environment) -> Iterator[str]:
    """Say for each receiver of a route that is not set up what is missing, and where its messages go meanwhile."""
    mended = reachable(routes, environment)
    for number, (route, meanwhile) in enumerate(zip(routes, mended, strict=True), start=1):
        for receiver in (r for r in route.receivers if not _is_set_up(r, environment)):
            others = ", ".join(meanwhile.receivers)
            yield f"route {number}: {receiver} is not set up: set {variable(receiver)}; until then {others} is told"


def _is_set_up(receiver: str, environment: Environment) -> bool:
    kind = receiver.partition(":")[0]
    if kind == SLACK:  # any channel: whether the bot is in it shows when it is sent to
        return environment.slack_bot_token is not None
    return receiver == TERMINAL or receiver in set_up(environment)


def variable(receiver: str) -> str:
    """Return the environment variable that sets a receiver up."""
    kind, _, name = receiver.partition(":")
    return f"{_VARIABLES[kind]}_{name.upper()}" if kind == APPRISE and name else _VARIABLES[kind]
