import ipaddress
import socket
import threading
import time
from unittest.mock import patch

from odoo.tests import tagged

from ..tools import outbound
from .webhook_common import ReceiverCommon


@tagged("post_install", "-at_install")
class TestOutbound(ReceiverCommon):
    """A message to another computer, and to none that it must not reach."""

    def refused(self, reason, url, **options):
        with self.assertRaises(outbound.OutboundError) as caught:
            outbound.post(url, b"{}", {}, **options)
        self.assertEqual(caught.exception.reason, reason, url)

    def post(self, **options):
        return outbound.post(
            self.url, b'{"a": 1}', {"X-A": "b"}, allow_private=True, **options
        )

    def test_sent(self):
        self.assertEqual(self.post(), (200, "thanks"))
        [(headers, body, path)] = self.taken
        self.assertEqual((body, path), (b'{"a": 1}', "/hook?team=1"))
        self.assertEqual(headers["X-A"], "b")
        self.assertTrue(headers["Host"].startswith("127.0.0.1:"))

    def test_addresses_that_are_never_sent_to(self):
        for reason, url in (
            ("scheme", "http://example.com/"),
            ("scheme", "ftp://example.com/"),
            ("scheme", "file://host/etc/passwd"),
            ("address", "/etc/passwd"),
            ("address", "https://"),
            ("address", "https://example.com:port/"),
            ("address", "https://example.com/\r\nHost: other"),
            ("address", "https://example.com/a b"),
            ("credentials", "https://user:word@example.com/"),
            ("credentials", "https://user@example.com/"),
        ):
            self.refused(reason, url)

    def test_private_addresses_in_every_dress(self):
        for host in (
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fd00::1]",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "localhost",
            "127.1",
            "2130706433",
            "0x7f000001",
        ):
            with self.subTest(host):
                self.refused("private", f"https://{host}/")

    def test_open_addresses(self):
        for address in ("93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"):
            self.assertTrue(outbound.is_public(ipaddress.ip_address(address)), address)

    def test_name_with_one_private_address(self):
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
            for address in ("93.184.216.34", "10.0.0.1")
        ]
        # What a name leads to cannot be arranged otherwise.
        with patch.object(socket, "getaddrinfo", return_value=found):
            self.refused("private", "https://example.com/")

    def test_name_is_resolved_once(self):
        """A name that leads elsewhere a moment later leads nowhere."""
        real, asked = socket.getaddrinfo, []

        def once(host, *args, **kwargs):
            asked.append(host)
            if host == "hook.example.com" and asked.count(host) > 1:
                raise AssertionError("asked again")
            return real("127.0.0.1", *args, **kwargs)

        url = f"http://hook.example.com:{self.server.server_port}/"
        with patch.object(socket, "getaddrinfo", once):
            status, _text = outbound.post(url, b"{}", {}, allow_private=True)
        self.assertEqual(status, 200)
        [(headers, _body, _path)] = self.taken
        self.assertTrue(headers["Host"].startswith("hook.example.com"))

    def test_no_such_name(self):
        self.refused("unresolved", "https://none.invalid/")

    def test_redirect_is_not_followed(self):
        self.answers[0] = (302, {"Location": self.url}, b"")
        self.assertEqual(self.post()[0], 302)
        self.assertEqual(len(self.taken), 1)

    def test_nobody_there(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.refused("connection", f"http://127.0.0.1:{port}/", allow_private=True)

    def test_plain_http_where_tls_is_meant(self):
        url = self.url.replace("http://", "https://")
        self.refused("certificate", url, allow_private=True)

    def test_silence_has_an_end(self):
        over = threading.Event()
        self.addCleanup(over.set)
        self.answers[0] = lambda _handler: over.wait(30)
        begun = time.monotonic()
        self.refused("timeout", self.url, allow_private=True, deadline=0.5)
        self.assertLess(time.monotonic() - begun, 4)

    def test_drop_by_drop_has_an_end(self):
        over = threading.Event()
        self.addCleanup(over.set)

        def drip(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not over.wait(0.1):
                try:
                    handler.wfile.write(b"X: y\r\n")
                except OSError:
                    return

        self.answers[0] = drip
        begun = time.monotonic()
        self.refused("timeout", self.url, allow_private=True, deadline=1)
        self.assertLess(time.monotonic() - begun, 4)

    def test_long_answer_is_cut(self):
        self.answers[0] = (500, {}, b"\x00\x1b[31m" + b"x" * 5_000_000)
        status, text = self.post()
        self.assertEqual(status, 500)
        self.assertLessEqual(len(text), outbound.SNIPPET)
        self.assertTrue(text.isprintable())
