"""Fetch one address, and nothing that it should not lead to: guarded, limited in size and time."""

import ipaddress
import socket
import ssl
import threading
import time
import typing
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpcore

from index.errors import BylineError

AGENT = "Byline/0.1 (fetches single articles for their reader)"
MAX_FETCHED = 20_000_000  # bytes, unpacked
SECONDS = 30  # for an address with all of its redirects
REDIRECTS = 5
_ACCEPTED = "text/html,application/xhtml+xml,*/*;q=0.5"
_REDIRECTED = (301, 302, 303, 307, 308)
_TELL_TO_ALLOW = "--private allows it, where you trust the address"

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered."""

    url: str  # after redirects
    status: int
    kind: str = ""  # its media type, lower case, without parameters
    charset: str | None = None
    data: bytes = b""
    etag: str | None = None
    modified: str | None = None


def fetch(
    url: str,
    *,
    etag: str | None = None,
    modified: str | None = None,
    private: bool = False,
    allowed: Callable[[str], None] = lambda url: None,
    most: int = MAX_FETCHED,
    seconds: float = SECONDS,
) -> Fetched:
    """Fetch `url` over HTTP or HTTPS and follow its redirects; status 304 where it is as `etag` and `modified` say.

    Unless `private`, no request goes to this machine, a private network or any address that is not public, whatever
    a name or a redirect resolves to. `allowed` is asked before each request and raises where it should not be made.
    Raises BylineError if there is no answer within the limits.
    """
    deadline = time.monotonic() + seconds
    headers = [("If-None-Match", etag)] if etag else []
    headers += [("If-Modified-Since", modified)] if modified else []
    try:
        with _pool(private, deadline) as pool:
            for _ in range(REDIRECTS + 1):
                url = checked_address(url)
                allowed(url)
                answer = _ask(pool, url, headers, most, deadline)
                if answer.status not in _REDIRECTED or not answer.data:
                    return answer
                url = urljoin(url, answer.data.decode("latin-1"))
    except httpcore.TimeoutException:
        raise BylineError(f"gave no whole answer within {seconds:.0f} seconds; try again later") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        raise BylineError(f"cannot be reached ({error or type(error).__name__}); check the address") from None
    raise BylineError(f"leads through more than {REDIRECTS} redirects; give the address where it ends")


def checked_address(url: str) -> str:
    """Return the address without its fragment; BylineError for what is no address of a page on the web."""
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise BylineError(f"{url[:200]!r} is no address of a page; it begins with https:// or http://")
    if parts.username or parts.password:
        raise BylineError("has a name or a password in it; give the address without them")
    if any(character.isspace() or ord(character) < 32 for character in url.strip()):
        raise BylineError("has a space in it; copy it again from the browser")
    host = host.encode("idna").decode() if not host.isascii() else host
    shown = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit((parts.scheme, f"{shown}{port}", _quoted(parts.path) or "/", _quoted(parts.query), ""))


def is_public(address: IPAddress) -> bool:
    """Tell whether an address is one of the internet at large, itself and whatever it embeds."""
    if isinstance(address, ipaddress.IPv6Address):
        embedded = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            embedded.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if not all(is_public(one) for one in embedded if one):
            return False
        if address.ipv4_mapped or address in _NAT64:
            return True
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="/%:;=@&+$,!~*'()?#[]-._|")


def _ask(pool: httpcore.ConnectionPool, url: str, extra: list[tuple[str, str]], most: int, deadline: float) -> Fetched:
    """Send one request; the data of a redirect is where it leads."""
    plain = [("User-Agent", AGENT), ("Accept", _ACCEPTED), ("Accept-Encoding", "gzip")]
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), max(0.1, deadline - time.monotonic()))
    with pool.stream("GET", url, headers=[*plain, *extra], extensions={"timeout": timeouts}) as response:
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if response.status in _REDIRECTED:
            return Fetched(url, response.status, data=told.get("location", "").encode("latin-1"))
        kind, _, parameters = told.get("content-type", "").partition(";")
        data = b"" if response.status != 200 else _body(response.iter_stream(), told, most)
        return Fetched(
            url,
            response.status,
            kind.strip().lower(),
            _charset(parameters),
            data,
            told.get("etag"),
            told.get("last-modified"),
        )


def _body(chunks: Iterable[bytes], told: Mapping[str, str], most: int) -> bytes:
    packing = told.get("content-encoding", "identity").strip().lower()
    if packing not in ("identity", "gzip", "x-gzip", ""):
        raise BylineError(f"is packed as {packing!r}, which nobody asked for; try again later")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in packing else None
    data = bytearray()
    try:
        for chunk in chunks:
            data += unpack.decompress(chunk, most + 1 - len(data)) if unpack else chunk
            if len(data) > most:
                raise BylineError(f"has more than {most // 1_000_000 or 1} MB; no article does")
    except zlib.error as error:
        raise BylineError(f"is packed wrongly ({error}); try again later") from None
    return bytes(data)


def _charset(parameters: str) -> str | None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'").lower() or None
    return None


def _pool(private: bool, deadline: float) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(ssl_context=_trust(), network_backend=_Guarded(private, deadline), max_connections=1)


@cache
def _trust() -> ssl.SSLContext:
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


class _Guarded(httpcore.NetworkBackend):
    """Connects to public addresses only, to the very one that was checked, and not beyond the deadline."""

    def __init__(self, private: bool, deadline: float) -> None:
        self._private = private
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: typing.Iterable[typing.Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _resolve(host, port, self._deadline)
        for address in addresses:  # every one, for a name may mix a public address with one of this machine
            if not self._private and not is_public(address):
                raise BylineError(f"leads to {host} at {address}, which is no public address; {_TELL_TO_ALLOW}")
        for number, address in enumerate(addresses, start=1):
            left = max(0.1, self._deadline - time.monotonic())
            try:
                stream = self._plain.connect_tcp(str(address), port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if number == len(addresses):
                    raise
                continue
            return _Timed(stream, self._deadline)
        raise httpcore.ConnectError(f"{host} has no address")


class _Timed(httpcore.NetworkStream):
    """A stream that ends at the deadline: a server may send a byte a second for ever."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left(httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._left(httpcore.ConnectTimeout))
        return _Timed(stream, self._deadline)

    def get_extra_info(self, info: str) -> typing.Any:
        return self._stream.get_extra_info(info)

    def _left(self, late: type[Exception]) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise late("the time is over")
        return left


def _resolve(host: str, port: int, deadline: float) -> list[IPAddress]:
    """Return the addresses of a host; a name service that does not answer is waited for no longer than the deadline."""
    found: list[IPAddress] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows)
        except (OSError, UnicodeError) as error:
            failed.append(OSError(f"no such host: {host}") if isinstance(error, UnicodeError) else error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(max(0.1, deadline - time.monotonic()))
    if failed:
        raise httpcore.ConnectError(f"no such host: {host}")
    if not found:
        raise httpcore.ConnectTimeout("the name service does not answer")
    return found
