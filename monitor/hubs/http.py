"""One bounded HTTP transport: no answer may last, or grow, without end, and no request leaves its hub."""

import ssl
import threading
import time
import urllib.request
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpcore2
import httpx2

from monitor.addresses import is_loopback
from monitor.errors import ConfigError, HubError, Trouble
from monitor.hubs.politeness import Politeness, wait_asked_for

_HTTP_FAILURES = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long one request may last in all, and how large its answer may be, in bytes."""

    total: timedelta = timedelta(seconds=30)
    connect: timedelta = timedelta(seconds=10)
    packed: int = 16 * 2**20
    unpacked: int = 64 * 2**20


class PoliteTransport(httpx2.BaseTransport):
    """Make requests to one hub bounded, and their failures ours, at once.

    Nothing is asked twice: when to ask again is our scheduler's business. The client's own time-outs do not
    count; `bounds` do.

    Nothing is sent to any other origin than the hub's, wherever a redirect or a Link leads: the token stays.
    Safe for many threads.
    """

    def __init__(
        self,
        hub: str,
        endpoint: str,
        politeness: Politeness,
        clock: Callable[[], datetime],
        bounds: Bounds | None = None,
    ) -> None:
        self._hub = hub
        self._origin = _origin(httpx2.URL(endpoint))
        self._politeness = politeness
        self._clock = clock
        self._bounds = bounds or Bounds()
        self._backend = _DeadlineBackend()
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_ssl_context(endpoint),
            proxy=_proxy(endpoint),
            max_connections=16,
            max_keepalive_connections=8,
            keepalive_expiry=30,
            network_backend=self._backend,
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request and return its answer, read whole. Raises HubError and HubPaused, nothing else."""
        if _origin(request.url) != self._origin:
            raise HubError(
                f"{self._hub} leads to another host, {request.url.host}: not followed", Trouble.SHAPE
            )
        self._politeness.begin(self._clock())
        try:
            return self._exchange(request)
        except _HTTP_FAILURES as error:
            cause = str(error) or type(error).__name__
            raise HubError(f"{self._hub} cannot be reached: {cause}", Trouble.UNREACHABLE) from error
        finally:
            self._politeness.end()

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def _exchange(self, request: httpx2.Request) -> httpx2.Response:
        self._backend.start(self._bounds.total)
        response = self._pool.handle_request(_wire_request(request, self._bounds))
        try:
            headers = httpx2.Headers(response.headers)
            self._check(response.status, headers)
            assert isinstance(response.stream, Iterable)  # noqa: S101 - narrows the library's own union
            body = read_whole(response.stream, headers.get("content-encoding", ""), self._bounds)
        finally:
            response.close()
        # Unpacked by us: the client must not try again.
        kept = [(k, v) for k, v in headers.multi_items() if k not in ("content-encoding", "content-length")]
        return httpx2.Response(response.status, headers=kept, content=body, request=request)

    def _check(self, status: int, headers: httpx2.Headers) -> None:
        now = self._clock()
        self._politeness.heed(status, headers, now)
        if status == 429:
            raise HubError(
                f"{self._hub} answers 429: too many requests", Trouble.QUOTA, wait_asked_for(headers, now)
            )
        if status >= 500:
            wait = wait_asked_for(headers, now) if "retry-after" in headers else None
            raise HubError(f"{self._hub} answers {status}", Trouble.SERVER, wait)


def read_whole(chunks: Iterable[bytes], encoding: str, bounds: Bounds) -> bytes:
    """Return the body, unpacked. Raises HubError if it is cut, too large, or packed in another way than gzip."""
    encoding = encoding.strip().lower() or "identity"
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise HubError(f"an answer in an unknown encoding, {encoding[:40]!r}", Trouble.SHAPE)
    inflate = zlib.decompressobj(wbits=31) if encoding != "identity" else None
    body, packed = bytearray(), 0
    for chunk in chunks:
        packed += len(chunk)
        if inflate is None:
            body += chunk
        else:
            # At most one byte too many is unpacked, whatever the packed bytes promise.
            body += _inflate(inflate, chunk, bounds.unpacked + 1 - len(body))
        if packed > bounds.packed or len(body) > bounds.unpacked:
            raise HubError("an answer larger than any listing", Trouble.SHAPE)
    if inflate is not None and packed and not inflate.eof:
        raise HubError("an answer that was cut short", Trouble.UNREACHABLE)
    return bytes(body)


def _inflate(inflate: "zlib._Decompress", chunk: bytes, at_most: int) -> bytes:
    try:
        return inflate.decompress(chunk, at_most)
    except zlib.error as error:
        raise HubError("an answer whose packing is broken", Trouble.SHAPE) from error


class _DeadlineBackend(httpcore2.NetworkBackend):
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
        stream = self._plain.connect_tcp(host, port, self.remaining(timeout), local_address, socket_options)
        return _DeadlineStream(stream, self.remaining)


class _DeadlineStream(httpcore2.NetworkStream):
    """A stream whose steps ask `remaining` how long they may take."""

    def __init__(self, stream: httpcore2.NetworkStream, remaining: Callable[[float | None], float]) -> None:
        self._stream = stream
        self._remaining = remaining

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._remaining(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._remaining(timeout))
        return _DeadlineStream(stream, self._remaining)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _wire_request(request: httpx2.Request, bounds: Bounds) -> httpcore2.Request:
    # gzip alone: the one packing whose unpacked size we bound.
    request.headers["accept-encoding"] = "gzip"
    total = bounds.total.total_seconds()
    timeout = {"connect": bounds.connect.total_seconds(), "read": total, "write": total, "pool": total}
    return httpcore2.Request(
        method=request.method,
        url=httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        ),
        headers=request.headers.raw,
        content=request.read(),
        extensions={**request.extensions, "timeout": timeout},
    )


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _ssl_context(endpoint: str) -> ssl.SSLContext | None:
    return httpx2.create_ssl_context() if endpoint.startswith("https://") else None


def _proxy(endpoint: str) -> httpcore2.Proxy | None:
    """Return the proxy that the environment names for the endpoint; none for this machine itself."""
    url = httpx2.URL(endpoint)
    address = urllib.request.getproxies().get(url.scheme)
    if not address or is_loopback(url.host) or urllib.request.proxy_bypass(url.netloc.decode("ascii")):
        return None
    if not address.startswith(("http://", "https://")):
        raise ConfigError([f"{url.scheme.upper()}_PROXY: only http:// and https:// proxies can be used"])
    proxy = httpx2.Proxy(address)
    return httpcore2.Proxy(str(proxy.url), auth=proxy.raw_auth)
