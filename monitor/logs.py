"""Set up the log: events with their values on stderr, ours and the libraries' alike."""

import logging
import sys

import structlog


def set_up_logs(*, verbose: bool, quiet: bool = False) -> None:
    """Log news and warnings; with `verbose` every poll too, with `quiet` (and not verbose) only errors.

    The libraries' own loggers are kept quiet whatever is asked: Slack's logs secret addresses.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%SZ", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(
                    colors=sys.stderr.isatty(),
                    pad_event_to=0,
                    pad_level=False,
                    # Where rich is installed structlog would show local variables, headers with tokens among them.
                    exception_formatter=structlog.dev.plain_traceback,
                ),
            ],
        )
    )
    logging.root.handlers = [handler]
    logging.root.setLevel(logging.WARNING)
    level = logging.DEBUG if verbose else logging.ERROR if quiet else logging.INFO
    logging.getLogger("monitor").setLevel(level)
    for name in ("slack_sdk", "httpx", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # A tick that is skipped because the one before still works is how it is meant to be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
