"""Serve the site for the commands `run` and `web`: beside the worker, or alone."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from monitor.app import App
from monitor.config import Config, Settings, fingerprint, load
from monitor.errors import ConfigError
from monitor.web.access import Access
from monitor.web.application import application
from monitor.web.server import serving
from monitor.web.site import Site

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def web_beside(app: App, config: Config) -> Iterator[str]:
    """Serve beside a worker of the same app, which follows the files; gives the address."""
    app.settings = config.settings
    with _served(app, config, lambda: app.settings) as address:
        yield address


@contextmanager
def web_alone(app: App, config: Config) -> Iterator[str]:
    """Serve in a process of its own, and follow the files; gives the address."""
    with _served(app, config, _followed(config)) as address:
        yield address


def wait_for_signal() -> None:
    """Wait for SIGINT or SIGTERM; a second one ends the process at once."""
    signal.sigwait(_SIGNALS)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


@contextmanager
def _served(app: App, config: Config, settings: Callable[[], Settings]) -> Iterator[str]:
    # Before any thread starts, so that a signal waits for the main thread and nobody else.
    signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    web = config.settings.web
    # Refused before anything is opened: a site that others could read, and nobody opened to them.
    access = Access.of(web, app.environment)
    with app.hubs() as hubs:
        site = Site(app.store, app.clock, app.environment, access, config.directory, settings, hubs)
        with serving(application(site), web) as address:
            yield address


def _followed(config: Config) -> Callable[[], Settings]:
    """Return the settings as the files say them now; the last good ones while they are bad."""
    known = config

    def settings() -> Settings:
        nonlocal known
        try:
            if fingerprint(known.directory) != known.fingerprint:
                known = load(known.directory)
        except ConfigError:
            pass  # the worker says so, and `config check` what is wrong
        return known.settings

    return settings
