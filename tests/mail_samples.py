"""Mail as it comes: odd, broken and hostile, written for the tests; and mutations."""

import base64
import os
import random
import re
from pathlib import Path

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
FROM = b"From: Ann <ann@acme.example.com>\n"
HTML = b"Content-Type: text/html; charset=utf-8\n\n"


def _multipart(kind, *parts, boundary=b"frontier", end=True):
    body = b"".join(b"--" + boundary + b"\n" + part + b"\n" for part in parts)
    return (
        b"MIME-Version: 1.0\nContent-Type: multipart/%s; boundary=%s\n\n"
        % (kind, boundary)
        + body
        + (b"--" + boundary + b"--\n" if end else b"")
    )


def _nested(depth, kind=b"mixed"):
    inner = b"Content-Type: text/plain\n\nDeep inside\n"
    for level in range(depth):
        inner = _multipart(kind, inner, boundary=b"level%d" % level)
    return inner


def _forwarded(depth):
    inner = b"Subject: first\nFrom: a@b.example.com\n\nThe first one\n"
    for _level in range(depth):
        inner = b"Subject: again\nContent-Type: message/rfc822\n\n" + inner
    return inner


def samples():
    """{name: mail without a header that names our address}"""
    text = b"Content-Type: text/plain; charset=utf-8\n\n"
    chinese = "我们的锅漏水了，请处理。"
    found = {
        "no sender": b"Subject: x\n\nIt leaks",
        "no subject": FROM + b"\nIt leaks since Monday",
        "no body": FROM + b"Subject: It leaks\n\n",
        "no body, no gap": FROM + b"Subject: It leaks",
        "only a sender": FROM,
        "empty": b"",
        "blank lines": b"\n\n\n",
        "no mail at all": b"\x00\x01\x02\xff\xfe" * 50,
        "sender without address": b"From: Ann\nSubject: x\n\nIt leaks",
        "sender with markup": b'From: "A&gt;" <a&gt;b@x.example.com>\nSubject: x\n\nHi',
        "two senders": b"From: a@x.example.com, b@x.example.com\nSubject: x\n\nHi",
        "two from lines": FROM + b"From: b@x.example.com\nSubject: x\n\nHi",
        "group as sender": b"From: undisclosed:;\nSubject: x\n\nHi",
        "very long subject": FROM + b"Subject: " + b"leaks " * 3000 + b"\n\nHi",
        "subject with line ends": FROM
        + b"Subject: =?utf-8?q?a=0D=0ABcc:_x@y.example.com?=\n\nHi",
        "nul bytes": FROM + b"Subject: a\x00b\n" + text + b"It\x00leaks",
        "nul in quoted printable": FROM
        + b"Content-Transfer-Encoding: quoted-printable\n"
        + text
        + b"It=00leaks=0",
        "unknown charset": FROM + b"Subject: =?x-klingon?B?4pyT?=\n"
        b"Content-Type: text/plain; charset=x-klingon\n\n" + chinese.encode(),
        "lying charset": FROM
        + b"Content-Type: text/plain; charset=us-ascii\n\n"
        + chinese.encode("gb18030"),
        "no charset": FROM + b"Subject: x\n\n" + chinese.encode("gb18030"),
        "raw bytes in headers": b"From: "
        + "张三".encode("gb18030")
        + b" <zhang@x.example.com>\nSubject: "
        + chinese.encode("gb18030")
        + b"\n\nHi",
        "utf-16": FROM
        + b"Content-Type: text/plain; charset=utf-16\n\n"
        + chinese.encode("utf-16"),
        "idna as charset": FROM
        + b"Content-Type: text/plain; charset=idna\n\n"
        + b"x" * 50_000,
        "lone surrogates": FROM
        + b"Subject: \xed\xa0\x80\n"
        + text
        + b"\xed\xb0\x80 Hi",
        "broken base64": FROM
        + b"Content-Transfer-Encoding: base64\n"
        + text
        + b"SXQgbGVha3M!!!=A",
        "unknown encoding": FROM
        + b"Content-Transfer-Encoding: x-uuencode-not\n"
        + text
        + b"begin 644 x\n#0V%T\n`\nend",
        "only html": FROM + b"Subject: x\n" + HTML + b"<p>It <b>leaks</b></p>",
        "empty html": FROM + b"Subject: x\n" + HTML + b"<!-- -->",
        "html, only a comment": FROM + HTML + b"<!-- nothing -->",
        "xhtml with declaration": FROM
        + b"Subject: x\n"
        + HTML
        + b'<?xml version="1.0" encoding="utf-8"?><html><body>It leaks</body></html>',
        "hostile html": FROM
        + b"Subject: <script>alert(1)</script>\n"
        + HTML
        + b"<script>alert(1)</script><img src=x onerror=alert(1)>"
        b'<a href="javascript:a()">'
        b"x</a><iframe src=//evil.example.com></iframe><form action=//evil><input>"
        b"</form><svg onload=alert(1)><style>*{background:url(//evil)}</style>It leaks",
        "very deep html": FROM
        + b"Subject: x\n"
        + HTML
        + b"<div>" * 3000
        + b"It leaks"
        + b"</div>" * 3000,
        "unclosed tags": FROM + b"Subject: x\n" + HTML + b"<" * 20_000,
        "tags that never end": FROM + b"Subject: x\n" + HTML + b"<a b " * 20_000,
        "tag with many words": FROM
        + b"Subject: x\n"
        + HTML
        + b"<p "
        + b"a=1 " * 30_000
        + b">It leaks</p>",
        "many tags": FROM + b"Subject: x\n" + HTML + b"<p>It leaks</p>" * 20_000,
        "no boundary": FROM + b"Content-Type: multipart/mixed\n\n--x\n\nHi\n--x--",
        "boundary never ends": FROM
        + b"Subject: x\n"
        + _multipart(b"mixed", b"Content-Type: text/plain\n\nIt leaks", end=False),
        "boundary that is not there": FROM
        + b"Content-Type: multipart/mixed; boundary=zz\n\nIt leaks",
        "empty multipart": FROM + b"Subject: x\n" + _multipart(b"mixed"),
        "alternative": FROM
        + b"Subject: x\n"
        + _multipart(
            b"alternative",
            b"Content-Type: text/plain\n\nIt leaks",
            b"Content-Type: text/html\n\n<p>It leaks</p>",
        ),
        "only a picture": FROM
        + _multipart(
            b"mixed",
            b"Content-Type: image/png; name=a.png\n"
            b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(PNG),
        ),
        "winmail.dat": FROM
        + b"Subject: x\n"
        + _multipart(
            b"mixed",
            b"Content-Type: text/plain\n\nSee file",
            b"Content-Type: application/ms-tnef; name=winmail.dat\n"
            b"Content-Disposition: attachment; filename=winmail.dat\n"
            b"Content-Transfer-Encoding: base64\n\neJ8+IgAQAAAA",
        ),
        "hostile file names": FROM
        + b"Subject: x\n"
        + _multipart(
            b"mixed",
            b"Content-Type: text/plain\n\nSee files",
            b"Content-Type: text/html; name=../../../etc/passwd\n"
            b'Content-Disposition: attachment; filename="../../../etc/passwd"\n\n'
            b"<script>alert(1)</script>",
            b"Content-Type: image/svg+xml; name==?utf-8?q?=00.svg?=\n"
            b"Content-Disposition: attachment\n\n<svg onload=alert(1) />",
        ),
        "type that is none": FROM + b"Content-Type: */*\nSubject: x\n\nHi",
        "type of binary": FROM
        + b"Subject: x\n"
        + _multipart(b"mixed", b"Content-Type: binary/octet-stream\n\nHi"),
        "forwarded": FROM
        + b"Subject: Fwd: x\n"
        + _multipart(
            b"mixed",
            b"Content-Type: text/plain\n\nSee below",
            b"Content-Type: message/rfc822\n\n"
            b"Subject: inner\nFrom: a@b.example.com\n\nHi",
        ),
        "forwarded as a broken mail": FROM
        + b"Subject: Fwd: x\n"
        + _multipart(
            b"mixed",
            b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n////",
        ),
        "forwarded forty times": FROM + _forwarded(40),
        "nested": FROM + b"Subject: x\n" + _nested(60),
        "nested beyond reason": FROM + b"Subject: x\n" + _nested(1500),
        "many parts": FROM
        + b"Subject: x\n"
        + _multipart(b"mixed", *[b"Content-Type: text/plain\n\nHi"] * 400),
        "many headers": FROM + b"X-A: b\n" * 3000 + b"Subject: x\n\nHi",
        "many recipients": FROM
        + b"Cc: "
        + b",\n ".join(b"p%d@x.example.com" % number for number in range(600))
        + b"\nSubject: x\n\nHi",
        "endless references": FROM
        + b"References: "
        + b"\n ".join(b"<r%d@x.example.com>" % number for number in range(800))
        + b"\nSubject: Re: x\n\nIt leaks",
        "broken message-id": FROM + b"Message-ID: <<>> \xff\xff\nSubject: x\n\nHi",
        "broken date": FROM + b"Date: Someday, 99 Foo 20x6 99:99\nSubject: x\n\nHi",
        "date of another age": FROM
        + b"Date: Mon, 1 Jan 0001 00:00:00 +2500\nSubject: x\n\nHi",
        "line of a megabyte": FROM + b"Subject: x\n\n" + b"leaks " * 170_000,
        "carriage returns only": FROM.replace(b"\n", b"\r") + b"Subject: x\r\rHi",
        "calendar": FROM
        + b"Subject: Meeting\nContent-Type: text/calendar; method=REQUEST\n\n"
        b"BEGIN:VCALENDAR\nEND:VCALENDAR",
        "encrypted": FROM
        + b"Subject: x\n"
        + _multipart(
            b"encrypted",
            b"Content-Type: application/pgp-encrypted\n\nVersion: 1",
            b"Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----",
        ),
        "report that reports nothing": FROM
        + b"Content-Type: multipart/report; boundary=x\n\n--x--",
    }
    return found


def corpus():
    """Messages of Python's own mail tests, where ``./dev test`` has fetched them."""
    folder = os.environ.get("COMPLAINT_MAIL_CORPUS")
    if not folder:
        return {}
    return {path.name: path.read_bytes() for path in sorted(Path(folder).glob("*.txt"))}


# Mutations ------------------------------------------------------------------------


def _truncate(raw, dice):
    return raw[: dice.randrange(len(raw) // 3, len(raw) + 1)]


def _flip(raw, dice):
    changed = bytearray(raw)
    for _number in range(max(3, len(changed) // 60)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _headers(raw):
    head, gap, body = raw.partition(b"\n\n")
    return head.split(b"\n"), gap + body


def _without_header(raw, dice):
    lines, rest = _headers(raw)
    del lines[dice.randrange(len(lines))]
    return b"\n".join(lines) + rest


def _header_twice(raw, dice):
    lines, rest = _headers(raw)
    lines.insert(dice.randrange(len(lines) + 1), dice.choice(lines))
    return b"\n".join(lines) + rest


def _other_charset(raw, dice):
    name = dice.choice([b"utf-7", b"gb2312", b"x-none", b"utf-16", b"koi8-r", b""])
    changed, count = re.subn(rb'charset="?[\w-]+"?', b"charset=" + name, raw)
    return (
        changed if count else b"Content-Type: text/html; charset=" + name + b"\n" + raw
    )


def _shuffled(raw, dice):
    lines = raw.split(b"\n")
    dice.shuffle(lines)
    return b"\n".join(lines)


MUTATIONS = [
    _truncate,
    _flip,
    _without_header,
    _header_twice,
    _other_charset,
    _shuffled,
]


def messages(seed, times):
    """Yield (name, mail): every message as it is, then mutated by each kind in turn.

    :param int seed: for the same mutations every time
    :param int times: mutated copies of each message
    """
    dice = random.Random(seed)
    for name, raw in {**samples(), **corpus()}.items():
        yield name, raw
        # Large ones show nothing more when they are mutated.
        for number in range(times if 0 < len(raw) < 20_000 else 0):
            mutate = MUTATIONS[(number + len(raw)) % len(MUTATIONS)]
            yield f"{name} {mutate.__name__}", mutate(raw, dice)
