import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from odoo.tests import BaseCase

SECRET = "a secret of the other side"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.case.take(self, body)

    def reply(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


class ReceiverCommon(BaseCase):
    """A web service on the loopback that takes events, as other software would.

    ``answers`` maps the position of a request to (status, headers, body) or to a
    function of the handler; everything else is answered with 200.
    """

    def setUp(self):
        super().setUp()
        self.taken, self.answers, self.arrived = [], {}, threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        self.server.case = self
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?team=1"
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def take(self, handler, body):
        """One request has arrived."""
        position = len(self.taken)
        self.taken.append((dict(handler.headers), body, handler.path))
        self.arrived.set()
        answer = self.answers.get(position, (200, {}, b"thanks"))
        if callable(answer):
            answer(handler)
        else:
            status, headers, text = answer
            handler.reply(status, text, **headers)

    def events(self):
        """(event, number of the complaint) of what arrived"""
        found = [json.loads(body) for _headers, body, _path in self.taken]
        return [
            (event["event"], event.get("complaint", {}).get("number"))
            for event in found
        ]

    def event_ids(self):
        return [json.loads(body)["event_id"] for _headers, body, _path in self.taken]
