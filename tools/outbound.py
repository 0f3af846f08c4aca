"""Sending a message to another computer, and to none that it must not reach.

Plain Python. Whoever may name an address could else make this server knock on doors
of its own network: so the name is resolved once, every address it has is judged, and
the connection goes to the very address that was judged. No redirect is followed, no
proxy asked, and the whole exchange has an end.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from urllib.parse import urlsplit

#: Seconds for connecting and for each wait after it, and for everything together.
PATIENCE = 5
DEADLINE = 15
#: Bytes of the response that are looked at.
SNIPPET = 500

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class OutboundError(Exception):
    """Nothing was delivered, or nobody knows.

    :param str reason: one of address, scheme, credentials, unresolved, private,
        timeout, connection, certificate
    :param str detail: in the words of the network
    """

    def __init__(self, reason, detail=""):
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


def check_url(url, allow_private=False):
    """Take an address apart, looking nothing up.

    :param bool allow_private: whether plain http and hosts of the own network will do
    :return: (scheme, host, port, path with query)
    :raise OutboundError: for an address that is never sent to
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise OutboundError("address", str(error)) from error
    # Control characters and blanks would end the request line early.
    if not parts.hostname or any(char <= " " or char == "\x7f" for char in url):
        raise OutboundError("address")
    if parts.scheme != "https" and not (parts.scheme == "http" and allow_private):
        raise OutboundError("scheme")
    if parts.username is not None or parts.password is not None:
        raise OutboundError("credentials")
    path = parts.path or "/"
    if not (path + parts.query).isascii():
        raise OutboundError("address")
    with contextlib.suppress(ValueError):  # a name is judged when it is resolved
        _check_address(ipaddress.ip_address(parts.hostname), allow_private)
    query = f"?{parts.query}" if parts.query else ""
    port = port or {"https": 443, "http": 80}[parts.scheme]
    return parts.scheme, parts.hostname, port, path + query


def is_public(address):
    """Whether an address is one of the open internet, whatever it is wrapped in."""
    if address.version == 6:
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.ip_address(int(address) & 0xFFFFFFFF)
        if address.teredo or address.is_site_local:
            return False
        if inner:
            return is_public(inner)
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
    )


def _check_address(address, allow_private):
    if not allow_private and not is_public(address):
        raise OutboundError("private", str(address))


def resolve(host, port, allow_private=False):
    """The address to connect to; all that a name has must be allowed.

    :raise OutboundError: when there is none, or one that must not be reached
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutboundError("unresolved", str(error)) from error
    addresses = [row[4][0] for row in found]
    for address in addresses:
        # A zone such as %eth0 is of the own network by nature.
        _check_address(ipaddress.ip_address(address.partition("%")[0]), allow_private)
    return addresses[0]


class _Connection(http.client.HTTPConnection):
    """Speaks with one address under the name of a host."""

    def __init__(self, host, port, address, context):
        super().__init__(host, port, timeout=PATIENCE)
        self._address = address
        self._context = context

    def connect(self):
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._context:
            self.sock = self._context.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def give_up(self):
        """End it from another thread, whatever it waits for."""
        if self.sock:
            with contextlib.suppress(OSError):  # it is over already
                self.sock.shutdown(socket.SHUT_RDWR)


def post(url, body, headers, allow_private=False, deadline=DEADLINE):
    """Send a message once.

    :param bytes body: what is sent
    :param dict headers: names and values
    :param float deadline: seconds for all of it
    :return: (HTTP status, beginning of the response as text)
    :raise OutboundError: when no response came
    """
    scheme, host, port, path = check_url(url, allow_private)
    address = resolve(host, port, allow_private)
    context = ssl.create_default_context() if scheme == "https" else None
    connection = _Connection(host, port, address, context)
    over = threading.Event()

    def end():
        over.set()
        connection.give_up()

    timer = threading.Timer(deadline, end)
    timer.daemon = True
    timer.start()
    try:
        connection.request("POST", path, body=body, headers=headers)
        response = connection.getresponse()
        text = response.read(SNIPPET).decode("utf-8", "replace")
        if over.is_set():
            # Cut off by us: what looks like an answer is half of one.
            raise TimeoutError
        return response.status, "".join(c for c in text if c.isprintable() or c == "\n")
    except ssl.SSLError as error:
        raise OutboundError("certificate", _words(error)) from error
    except (OSError, http.client.HTTPException) as error:
        late = over.is_set() or isinstance(error, TimeoutError)
        raise OutboundError(
            "timeout" if late else "connection", _words(error)
        ) from error
    finally:
        timer.cancel()
        connection.close()


def _words(error):
    return str(error) or type(error).__name__
