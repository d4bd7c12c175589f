"""Serve the site from a thread of its own, beside whatever else the process does."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn
from fastapi import FastAPI

from monitor.config import WebSettings
from monitor.errors import ConfigError

_PATIENCE = 5  # seconds for answers under way when it ends


@contextmanager
def serving(app: FastAPI, web: WebSettings) -> Iterator[str]:
    """Serve until the end of the block; gives the address. Raises ConfigError where that cannot be had."""
    listening = _listen(web)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            # Behind a proxy the scheme and the reader's address are the proxy's to say; we use `public_url`.
            proxy_headers=False,
            timeout_graceful_shutdown=_PATIENCE,
            timeout_keep_alive=30,
            limit_concurrency=500,
            h11_max_incomplete_event_size=64 * 1024,
        )
    )
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, name="web", daemon=True)
    thread.start()
    host, port = listening.getsockname()[:2]
    try:
        yield f"http://{f'[{host}]' if ':' in host else host}:{port}"
    finally:
        server.should_exit = True
        thread.join(_PATIENCE + 1)
        listening.close()


def _listen(web: WebSettings) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(web.host, web.port, type=socket.SOCK_STREAM)[0]
        # asyncio sends small answers at once only on a socket that names its protocol; else each waits for 40 ms.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            [
                f"settings.toml: web.address: {web.host}:{web.port} cannot be served ({reason}); write another one, "
                'such as "127.0.0.1:8081", or start `release-monitor worker`, which serves no pages'
            ]
        ) from None
    listening.listen(128)
    return listening
