"""Sockets that keep one deadline for a whole request, and tell how far it came."""

import ssl
import threading
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import httpcore2


class DeadlineBackend(httpcore2.NetworkBackend):
    """Sockets whose every step ends by one deadline, so that a server that drips cannot hold a thread.

    A read timeout alone starts anew with each byte. One request is sent and read whole by one thread,
    hence the deadline is the thread's.
    """

    def __init__(self) -> None:
        self._plain = httpcore2.SyncBackend()
        self._thread = threading.local()

    def start(self, total: timedelta) -> None:
        """Begin a request of this thread that may last `total`."""
        self._thread.ends = time.monotonic() + total.total_seconds()
        self._thread.has_connected = self._thread.has_read = False

    def was_hung_up_on(self) -> bool:
        """Whether this thread's request went over a connection kept from before, and nothing came back."""
        return not (self._thread.has_connected or self._thread.has_read)

    def note_read(self, data: bytes) -> bytes:
        """Take note of what came back, an end that says nothing apart."""
        self._thread.has_read = self._thread.has_read or bool(data)
        return data

    def remaining(self, wanted: float | None) -> float:
        """Return how many seconds a step may take. Raises ReadTimeout when the time is up."""
        left: float = self._thread.ends - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the answer took too long in all")
        return left if wanted is None else min(left, wanted)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect within the time that is left."""
        self._thread.has_connected = True
        stream = self._plain.connect_tcp(host, port, self.remaining(timeout), local_address, socket_options)
        return _DeadlineStream(stream, self)


class _DeadlineStream(httpcore2.NetworkStream):
    """A stream whose steps ask `backend` how long they may take."""

    def __init__(self, stream: httpcore2.NetworkStream, backend: DeadlineBackend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._backend.note_read(self._stream.read(max_bytes, self._backend.remaining(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._backend.remaining(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._backend.remaining(timeout))
        return _DeadlineStream(stream, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
