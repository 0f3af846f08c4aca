"""A small mail server, which hands mail to Odoo as postfix does: through Odoo's own
script, with the mail on its standard input."""

import asyncio
import email
import email.policy
import subprocess
import sys
import threading
from contextlib import contextmanager

from odoo.tools import file_path

#: What the script's exit status means in SMTP (sysexits.h).
REPLIES = {0: "250 Taken", 67: "550 No such address", 75: "451 Try again later"}


class Relay:
    """SMTP on a free port of this machine; each recipient gets its own delivery."""

    def __init__(self, gateway):
        """
        :param list gateway: arguments of Odoo's script: database, user, port ...
        """
        script = file_path("mail/static/scripts/odoo-mailgate.py")
        self._command = [sys.executable, script, *map(str, gateway)]
        self.port = None
        self.outputs = []

    @contextmanager
    def running(self):
        """Serve in a thread of its own."""
        loop = asyncio.new_event_loop()
        ready = threading.Event()

        async def serve():
            server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            return server

        def run():
            loop.run_until_complete(serve())
            loop.run_forever()
            loop.run_until_complete(loop.shutdown_asyncgens())

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            assert ready.wait(10), "the relay did not start"
            yield self
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)

    async def _talk(self, reader, writer):
        recipients = []

        async def say(text):
            writer.write(text.encode() + b"\r\n")
            await writer.drain()

        await say("220 relay")
        while line := (await reader.readline()).decode(errors="replace").strip():
            verb = line[:4].upper()
            if verb in ("HELO", "EHLO"):
                await say("250 relay")
            elif verb == "RCPT":
                recipients.append(line.partition("<")[2].partition(">")[0])
                await say("250 Known")
            elif verb == "DATA":
                await say("354 Go on")
                raw = await self._data(reader)
                await say(await self._deliver(recipients, raw))
                recipients = []
            elif verb == "QUIT":
                await say("221 Bye")
                break
            else:
                await say("250 Well")
        writer.close()

    async def _data(self, reader):
        lines = []
        while (line := await reader.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines).replace(b"\r\n", b"\n")

    async def _deliver(self, recipients, raw):
        status = 0
        for recipient in recipients:
            mail = f"Delivered-To: {recipient}\n".encode() + raw
            done = await asyncio.to_thread(
                subprocess.run,
                self._command,
                input=mail,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=120,
                check=False,
            )
            self.outputs.append(done.stdout.decode(errors="replace"))
            status = status or done.returncode
        return REPLIES.get(status, "554 Refused")


class Mailbox(Relay):
    """An SMTP server that keeps what it is sent: where Odoo's mail ends."""

    def __init__(self):
        super().__init__([])
        #: (recipients, mail as email.message.EmailMessage)
        self.mails = []

    async def _deliver(self, recipients, raw):
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        self.mails.append((list(recipients), mail))
        return "250 Taken"

    def sent_to(self, address):
        return [mail for recipients, mail in self.mails if address in recipients]
