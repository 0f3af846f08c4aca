"""Pictures of pages with a headless Chromium, by the DevTools protocol.

Runs as a program of its own in the virtual environment (it needs websocket-client):
one JSON object on standard input says what to do, see `main`.
"""

import base64
import http.cookiejar
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import websocket

PHONE_WIDTH = 600
QUIET = 0.7
WORKER = "/bus/websocket_worker_bundle"
READY = """
document.readyState === "complete" && document.fonts.status === "loaded"
&& !document.querySelector(".o_blockUI, .o_loading_indicator, .o_skeleton")
&& (!document.querySelector("body.o_web_client")
    || Boolean(document.querySelector(".o_action_manager > *")))
"""
VISIBLE = """
(() => {
    const found = document.querySelector(%s);
    return Boolean(found && found.getClientRects().length);
})()
"""


class PageError(Exception):
    """The page did not do what was asked."""


class Browser:
    """A headless Chromium with one page."""

    def __init__(self, program, width, height):
        self.profile = tempfile.mkdtemp(prefix="shot-")
        self.process = subprocess.Popen(
            [
                program,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--no-first-run",
                "--remote-allow-origins=*",
                "--remote-debugging-port=0",
                f"--user-data-dir={self.profile}",
                f"--window-size={width},{height}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.count = 0
        self.pending = set()
        self.changed = time.monotonic()
        self.troubles = []
        self.socket = websocket.create_connection(self.address(), timeout=30)
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < PHONE_WIDTH,
        )
        if width < PHONE_WIDTH:
            self.call("Emulation.setTouchEmulationEnabled", enabled=True)

    def address(self):
        """Return the address of the page's debugger, once Chromium has told it."""
        told = Path(self.profile, "DevToolsActivePort")
        for _attempt in range(200):
            if self.process.poll() is not None:
                raise PageError("Chromium did not start.")
            if told.exists() and len(told.read_text().split()) > 1:
                port = told.read_text().split()[0]
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
                    pages = [p for p in json.load(answer) if p["type"] == "page"]
                if pages:
                    return pages[0]["webSocketDebuggerUrl"]
            time.sleep(0.1)
        raise PageError("Chromium does not answer.")

    def call(self, method, **parameters):
        """Call a DevTools method and return its result."""
        self.count += 1
        self.socket.send(
            json.dumps({"id": self.count, "method": method, "params": parameters})
        )
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.count:
                if "error" in message:
                    raise PageError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.note(message)

    def note(self, message):
        """Keep track of requests under way and of errors on the page."""
        method, data = message.get("method", ""), message.get("params", {})
        if method == "Network.requestWillBeSent":
            if WORKER in data["request"]["url"]:
                return  # a shared worker's script never reports its end
            self.pending.add(data["requestId"])
            self.changed = time.monotonic()
        elif method in ("Network.loadingFinished", "Network.loadingFailed"):
            self.pending.discard(data["requestId"])
            self.changed = time.monotonic()
        elif method == "Runtime.exceptionThrown":
            details = data["exceptionDetails"]
            thrown = details.get("exception", {}).get("description", "")
            self.troubles.append(thrown or details["text"])
        elif method == "Log.entryAdded" and data["entry"]["level"] == "error":
            entry = data["entry"]
            self.troubles.append(f"{entry['text']} {entry.get('url', '')}")
        elif method == "Runtime.consoleAPICalled" and data["type"] == "error":
            words = [str(a.get("value", a.get("description"))) for a in data["args"]]
            self.troubles.append(" ".join(words))

    def evaluate(self, script):
        """Run JavaScript on the page, awaiting promises; return its value."""
        result = self.call(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise PageError(
                details.get("exception", {}).get("description", details["text"])
            )
        return result["result"].get("value")

    def open(self, url):
        """Go to an address and wait until the page is calm."""
        self.pending.clear()
        result = self.call("Page.navigate", url=url)
        if result.get("errorText") and not result.get("isDownload"):
            raise PageError(f"{url}: {result['errorText']}")
        self.calm()

    def calm(self, limit=40):
        """Wait until nothing loads any more; a long poll may stay open."""
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            try:
                ready = self.evaluate(READY)
            except PageError:  # between two pages
                ready = False
            still = time.monotonic() - self.changed
            if ready and (still > 5 or (not self.pending and still > QUIET)):
                return
            time.sleep(0.1)

    def wait(self, selector, limit=20):
        """Wait until something that matches a CSS selector can be seen."""
        deadline = time.monotonic() + limit
        while not self.evaluate(VISIBLE % json.dumps(selector)):
            if time.monotonic() > deadline:
                raise PageError(f"Nothing on the page matches {selector}")
            time.sleep(0.1)
        self.calm()

    def picture(self, path, full=False):
        """Save the visible part of the page, or all of it, as PNG."""
        data = self.call(
            "Page.captureScreenshot", format="png", captureBeyondViewport=full,
            **({"clip": self.whole()} if full else {}),
        )  # fmt: skip
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(base64.b64decode(data["data"]))

    def whole(self):
        """Return the rectangle of the whole page."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": size["height"],
                "scale": 1}  # fmt: skip

    def close(self):
        """End Chromium and remove its profile."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def session(base, login, password, database):
    """Log in to Odoo; return the value of the session cookie."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    request = urllib.request.Request(
        base + "/web/session/authenticate",
        json.dumps(
            {"params": {"db": database, "login": login, "password": password}}
        ).encode(),
        {"Content-Type": "application/json"},
    )
    with opener.open(request, timeout=60) as answer:
        result = json.load(answer)
    if not result.get("result", {}).get("uid"):
        raise PageError(f"Logging in as {login} failed.")
    return next(cookie.value for cookie in jar if cookie.name == "session_id")


def shoot(job):
    """Take the pictures of a job; return the errors that the pages logged."""
    browser = Browser(job["program"], *job["size"])
    try:
        if job["login"]:
            value = session(job["base"], job["login"], job["password"], job["database"])
            browser.call(
                "Network.setCookie", name="session_id", value=value, url=job["base"]
            )
        for url, path in job["shots"]:
            browser.open(url if "://" in url else job["base"] + url)
            for selector in job["wait"]:
                browser.wait(selector)
            for script in job["eval"]:
                value = browser.evaluate(script)
                if value is not None:
                    print(json.dumps(value, ensure_ascii=False))
                browser.calm()
            for selector in job["then"]:
                browser.wait(selector)
            browser.picture(path, job["full"])
            print(path)
    finally:
        browser.close()
    return browser.troubles


def main():
    """Do the job on standard input.

    Keys: program, base, size (width, height), login, password, database, wait, eval
    and then (lists), full, shots (pairs of address and file).
    """
    try:
        for trouble in dict.fromkeys(shoot(json.load(sys.stdin))):
            print(f"! {trouble[:1500]}", file=sys.stderr)
    except (PageError, OSError) as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
