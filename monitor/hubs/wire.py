"""One bounded exchange with one hub: no answer may last, or grow, without end, and no request leaves its hub."""

import ssl
import threading
import urllib.request
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpcore2
import httpx2

from monitor.addresses import is_loopback
from monitor.errors import ConfigError, HubError, Trouble
from monitor.hubs.deadline import DeadlineBackend
from monitor.hubs.limit_headers import wait_asked_for
from monitor.hubs.politeness import Politeness

_HTTP_FAILURES = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
    OSError,
)
_HUNG_UP = (httpcore2.NetworkError, httpcore2.RemoteProtocolError)
# Unpacked by us, so nobody must try again; and a monitor that keeps no cookies asks every question alike.
_DROPPED = frozenset({"content-encoding", "content-length", "transfer-encoding", "set-cookie"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long one request may last in all, and how large its answer may be, in bytes."""

    total: timedelta = timedelta(seconds=30)
    connect: timedelta = timedelta(seconds=10)
    packed: int = 16 * 2**20
    unpacked: int = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a hub answered, read whole and unpacked, and when; the names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


class Wire:
    """Requests to one hub, bounded, as polite as `politeness` says, their failures HubErrors.

    Nothing is asked twice: when to ask again is our scheduler's business. The one exception is a connection kept from
    before that the hub closes just as we ask. Nothing is sent to any other origin than the endpoint's, wherever a
    redirect or a Link leads: the token stays. Safe for many threads.
    """

    def __init__(
        self,
        hub: str,
        endpoint: str,
        politeness: Politeness,
        clock: Callable[[], datetime],
        bounds: Bounds | None = None,
    ) -> None:
        url = httpx2.URL(endpoint)
        self._hub = hub
        self._origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
        self._address = url.raw_scheme, url.raw_host, url.port
        self._host = (b"Host", url.netloc)
        self._politeness = politeness
        self._clock = clock
        self._bounds = bounds or Bounds()
        total = self._bounds.total.total_seconds()
        timeouts = {"connect": self._bounds.connect.total_seconds()}
        self._extensions = {"timeout": timeouts | dict.fromkeys(("read", "write", "pool"), total)}
        self._closed = threading.Event()
        self._backend = DeadlineBackend()
        self._proxy = _proxy(endpoint)
        self._lock = threading.Lock()
        self._tls: ssl.SSLContext | None = None
        self._opened: dict[bool, httpcore2.ConnectionPool] = {}

    def exchange(
        self,
        method: str,
        url: str,
        headers: Iterable[tuple[bytes, bytes]] = (),
        body: bytes = b"",
        urgent: bool = False,
        bucket: str = "",
    ) -> Answer:
        """Send one request and return its answer, a 304 too. Raises HubError and HubPaused, nothing else.

        `url` is written out as a client library writes it. Any Host and Accept-Encoding are replaced. `urgent` and
        `bucket` are Politeness's words.
        """
        request = self._request(method, url, headers, body)
        try:
            try:
                return self._ask(request, urgent, bucket)
            except _HUNG_UP:
                if method != "GET" or not self._backend.was_hung_up_on():
                    raise
                return self._ask(request, urgent, bucket, again=True)
        except _HTTP_FAILURES as error:
            cause = str(error) or type(error).__name__
            raise HubError(f"{self._hub} cannot be reached: {cause}", Trouble.UNREACHABLE) from error

    def close(self) -> None:
        """Close the connections."""
        self._closed.set()
        with self._lock:
            for pool in self._opened.values():
                pool.close()

    def _pool(self, keeps: bool) -> httpcore2.ConnectionPool:
        """Return the connections, those that are kept or those that never are.

        They are opened when they are first needed: reading all certificates takes a while.
        """
        with self._lock:
            if not self._opened and self._origin.startswith("https://"):
                self._tls = httpx2.create_ssl_context()
            if keeps not in self._opened:
                self._opened[keeps] = httpcore2.ConnectionPool(
                    ssl_context=self._tls,
                    proxy=self._proxy,
                    max_connections=16,
                    max_keepalive_connections=8 if keeps else 0,
                    keepalive_expiry=30,
                    network_backend=self._backend,
                )
            return self._opened[keeps]

    def _request(
        self, method: str, url: str, headers: Iterable[tuple[bytes, bytes]], body: bytes
    ) -> httpcore2.Request:
        target = url.removeprefix(self._origin).partition("#")[0] or "/"
        if not url.startswith(self._origin) or target[0] not in "/?" or not target.isascii():
            raise HubError(f"{self._hub} leads to another host: not followed", Trouble.SHAPE)
        scheme, host, port = self._address
        # gzip alone: the one packing whose unpacked size we bound.
        sent = [self._host, (b"Accept-Encoding", b"gzip")]
        sent += (pair for pair in headers if pair[0].lower() not in (b"host", b"accept-encoding"))
        path = target if target[0] == "/" else f"/{target}"
        wanted = httpcore2.URL(scheme=scheme, host=host, port=port, target=path.encode("ascii"))
        return httpcore2.Request(method, wanted, headers=sent, content=body, extensions=self._extensions)

    def _ask(self, request: httpcore2.Request, urgent: bool, bucket: str, again: bool = False) -> Answer:
        """Send a request that Politeness allows; `again` over a fresh connection, by the deadline of the first time."""
        wait = self._politeness.begin(self._clock(), urgent, bucket)
        try:
            if wait:
                self._closed.wait(wait.total_seconds())
            if not again:
                self._backend.start(self._bounds.total)
            return self._send(request, bucket, self._pool(keeps=not again))
        finally:
            self._politeness.end(bucket)

    def _send(self, request: httpcore2.Request, bucket: str, pool: httpcore2.ConnectionPool) -> Answer:
        response = pool.handle_request(request)
        try:
            headers = _read_headers(response.headers)
            self._check(response.status, headers, bucket)
            assert isinstance(response.stream, Iterable)  # noqa: S101 - narrows the library's own union
            body = read_whole(response.stream, headers.get("content-encoding", ""), self._bounds)
        finally:
            response.close()
        kept = {name: value for name, value in headers.items() if name not in _DROPPED}
        return Answer(response.status, kept, body, self._clock())

    def _check(self, status: int, headers: Mapping[str, str], bucket: str) -> None:
        now = self._clock()
        wait = self._politeness.heed(status, headers, now, bucket)
        if status >= 500:
            wait = wait_asked_for(headers, now) if "retry-after" in headers else None
            raise HubError(f"{self._hub} answers {status}", Trouble.SERVER, wait)
        if wait is not None:
            raise HubError(f"{self._hub} answers {status}: too many requests", Trouble.QUOTA, wait)


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
    if inflate is not None and inflate.unused_data:
        raise HubError("an answer with something behind its end", Trouble.SHAPE)
    if inflate is not None and packed and not inflate.eof:
        raise HubError("an answer that was cut short", Trouble.UNREACHABLE)
    return bytes(body)


def _inflate(inflate: "zlib._Decompress", chunk: bytes, at_most: int) -> bytes:
    try:
        return inflate.decompress(chunk, at_most)
    except zlib.error as error:
        raise HubError("an answer whose packing is broken", Trouble.SHAPE) from error


def _read_headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers by name; one that stands several times is one list (RFC 9110, 5.3)."""
    read: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        read[name] = f"{read[name]}, {value}" if name in read else value
    return read


def _proxy(endpoint: str) -> httpcore2.Proxy | None:
    """Return the proxy that the environment names for the endpoint; none for this machine itself.

    Raises ConfigError, without the address in it: there may be a password in that.
    """
    url = httpx2.URL(endpoint)
    address = urllib.request.getproxies().get(url.scheme)
    if not address or is_loopback(url.host) or urllib.request.proxy_bypass(url.netloc.decode("ascii")):
        return None
    name = f"{url.scheme.upper()}_PROXY"
    if "://" not in address:
        raise ConfigError([f"{name}: write http:// before it"])
    if not address.startswith(("http://", "https://")):
        raise ConfigError([f"{name}: only http:// and https:// proxies can be used"])
    try:
        proxy = httpx2.Proxy(address)
        if proxy.url.host:
            return httpcore2.Proxy(str(proxy.url), auth=proxy.raw_auth)
    except (httpx2.InvalidURL, ValueError):
        pass  # what it says of the address may hold the password
    raise ConfigError([f"{name}: is no address of a proxy; write http://HOST:PORT"])
