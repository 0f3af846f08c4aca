"""Reading mail as it comes, broken or not, without Odoo.

Odoo's own parser is exact: it refuses what mail programs send every day (charsets that
do not exist, headers in raw bytes, parts that never end). Here everything can be read
to some degree, and nothing raises: who sends, what about, in answer to what, whether a
person or a machine wrote it. :func:`mend` makes of a mail that Odoo cannot read one
that it can.
"""

import contextlib
import email
import email.policy
import hashlib
import html
import re
import unicodedata
from dataclasses import dataclass, field
from email.header import decode_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import formataddr, getaddresses

#: Bytes looked at for headers, characters kept of one header, of the text, and of the
#: markup that is turned into text.
HEADER_BYTES = 256 * 1024
HEADER_LENGTH = 8000
TEXT_LENGTH = 100_000
MARKUP_LENGTH = 400_000
#: Message-Ids that a mail may refer to; the newest ones come last.
MAX_REFERENCES = 32
#: Parts of a mail that are looked at, and how many may hold others: the time that
#: Python needs grows with the square of the depth.
MAX_PARTS = 200
MAX_CONTAINERS = 100
#: What the cleaning of HTML can bear: its time grows with the square of tags that never
#: end and of the words in one tag, and with the number of tags.
MAX_OPEN_TAGS = 50
MAX_TAG_WORDS = 2000
MAX_TAGS = 15_000
#: Pieces of text, in the body of a mail; Odoo joins them one by one.
MAX_TEXTS = 50

#: What wrote the mail when it was no person.
BOUNCE = "bounce"
DELAY = "delay"
RECEIPT = "receipt"
AUTO_REPLY = "auto_reply"
GENERATED = "generated"
LIST = "list"
#: Kinds that answer to something and must never be answered.
REPLIES_OF_MACHINES = (BOUNCE, DELAY, RECEIPT, AUTO_REPLY)

CONTAINER = re.compile(rb"multipart/|message/rfc822", re.I)
ADDRESS = re.compile(r"[^\s<>(),;:\"\[\]@]+@[^\s<>(),;:\"\[\]@]+")
MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
PREFIX = re.compile(
    r"^\s*((re|aw|fw|fwd|wg|sv|回复|答复|转发)\s*(\[\d+\])?[:：]\s*)+", re.I
)
#: How out-of-office programs begin a subject, in the languages of the trade.
ABSENT = re.compile(
    r"^\s*(out of (the )?office|automatic reply|auto(matic)?[- ]?(reply|response)|"
    r"autoreply|auto:|abwesenheit|automatische antwort|abwesend|"
    r"r[ée]ponse automatique|absence du bureau|respuesta autom[áa]tica|"
    r"risposta automatica|automatisch antwoord|resposta autom[áa]tica|"
    r"自动回复|自動回覆|自動返信|不在办公室|外出自动)",
    re.I,
)
AUTO_REPLY_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-autoreply-from",
    "x-mail-autoreply",
)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
BLOCKS = {"p", "br", "div", "li", "tr", "table", "h1", "h2", "h3", "h4", "blockquote"}


@dataclass(frozen=True)
class Sketch:
    """What the headers say. Addresses are in lower case."""

    senders: tuple = ()
    sender_name: str = ""
    reply_to: tuple = ()
    recipients: tuple = ()
    subject: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple = ()
    #: "" for a person; else one of the kinds above.
    kind: str = ""
    #: Whether only the words of the subject speak for the kind.
    is_guess: bool = False
    loops: tuple = ()
    lists: tuple = ()
    #: Whether a mail server found that the sender's domain did not send it.
    is_forged: bool = False
    size: int = 0
    headers: dict = field(default_factory=dict, compare=False, repr=False)

    @property
    def sender(self):
        """The one sender; empty where the mail names none, or several."""
        return self.senders[0] if len(self.senders) == 1 else ""

    @property
    def is_automatic(self):
        """Whether nobody is there to be answered: a machine, or the list itself."""
        return self.kind not in ("", LIST) or self.sender in self.lists


def read_headers(raw):
    """Sketch of a mail from its headers.

    :param bytes raw: the mail; only its beginning is looked at
    """
    headers = _headers(raw)
    senders = _people(headers, "from")
    kind, is_guess = _kind(headers, senders)
    message_ids = MESSAGE_ID.findall(headers.get("message-id", ""))
    answered = MESSAGE_ID.findall(headers.get("in-reply-to", ""))
    return Sketch(
        senders=tuple(dict.fromkeys(address for _name, address in senders)),
        sender_name=senders[0][0] if senders else "",
        reply_to=_addresses(headers, "reply-to"),
        recipients=_addresses(
            headers, "delivered-to", "to", "cc", "resent-to", "resent-cc"
        ),
        subject=" ".join(headers.get("subject", "").split()),
        # As Odoo stores it: the whole header, where it is no proper Message-Id.
        message_id=message_ids[0] if message_ids else headers.get("message-id", ""),
        in_reply_to=answered[0] if answered else "",
        references=tuple(
            dict.fromkeys(
                answered
                + MESSAGE_ID.findall(headers.get("references", ""))[-MAX_REFERENCES:]
            )
        ),
        kind=kind,
        is_guess=is_guess,
        loops=_addresses(headers, "x-loop", "x-loop-prevention"),
        lists=_addresses(headers, "list-post", "list-id", "mailing-list"),
        is_forged=bool(
            re.search(
                r"\bdmarc\s*=\s*fail\b", headers.get("authentication-results", "")
            )
        ),
        size=len(raw),
        headers=headers,
    )


def _headers(raw):
    """{name in lower case: all values of that name, decoded and joined by commas}"""
    try:
        message = BytesHeaderParser(policy=email.policy.compat32).parsebytes(
            raw[:HEADER_BYTES]
        )
        items = list(message.raw_items())
    except Exception:
        return {}
    found = {}
    for name, value in items:
        text = _decoded(str(value)[:HEADER_LENGTH])
        key = name.lower().strip()
        found[key] = f"{found[key]},{text}"[:HEADER_LENGTH] if key in found else text
    return found


def _decoded(value):
    """A header as people read it: encoded words decoded, raw bytes guessed."""
    value = as_text(value.encode("utf-8", "surrogateescape"))
    # A line that goes on in the next one.
    value = re.sub(r"\r?\n[ \t]+", " ", value)
    if "=?" in value:
        # Whatever the encoded words are, they are no valid ones: kept as they are.
        with contextlib.suppress(Exception):
            value = "".join(
                as_text(part, charset) if isinstance(part, bytes) else part
                for part, charset in decode_header(value)
            )
    return clean(value).strip()


def _people(headers, name):
    """[(name, address)] of a header, the address in lower case."""
    try:
        pairs = getaddresses([headers.get(name, "")])
    except Exception:
        pairs = []
    return [
        (" ".join(who.split()), address.lower())
        for who, address in pairs
        # Others cannot be answered: neither Odoo nor most mail servers write them.
        if ADDRESS.fullmatch(address) and address.isascii()
    ]


def _addresses(headers, *names):
    found = []
    for name in names:
        found += [address.lower() for address in ADDRESS.findall(headers.get(name, ""))]
    return tuple(dict.fromkeys(found))


# Who wrote it --------------------------------------------------------------------


def _kind(headers, senders):
    """(kind, whether it is but a guess) of a mail, by what RFC 3834 and common usage
    say about machines."""
    report = _report_kind(headers)
    if report:
        return report, False
    senders_local = {address.partition("@")[0] for _name, address in senders}
    if "mailer-daemon" in senders_local:
        return BOUNCE, False
    submitted = headers.get("auto-submitted", "no").split(";")[0].strip().lower()
    precedence = headers.get("precedence", "").strip().lower()
    is_absent = bool(ABSENT.match(headers.get("subject", "")))
    is_machine = submitted != "no" or "x-auto-response-suppress" in headers
    if (
        submitted == "auto-replied"
        or precedence in ("auto_reply", "auto-reply")
        or headers.get("return-path", "").replace(" ", "") == "<>"
        or any(name in headers for name in AUTO_REPLY_HEADERS)
        or (is_absent and is_machine)
    ):
        return AUTO_REPLY, False
    if "list-id" in headers or "list-unsubscribe" in headers or precedence == "list":
        return LIST, False
    if is_machine or precedence in ("bulk", "junk"):
        # Programs of the nineties answer with "bulk", when they answer to something.
        answers = precedence in ("bulk", "junk") and "in-reply-to" in headers
        return (AUTO_REPLY if answers else GENERATED), False
    return (AUTO_REPLY, True) if is_absent else ("", False)


def _report_kind(headers):
    content = headers.get("content-type", "").lower()
    if "multipart/report" not in content:
        return ""
    return RECEIPT if "disposition-notification" in content else BOUNCE


def is_delay(raw):
    """Whether a report says that a mail is late, not that it is lost."""
    action = re.search(rb"^Action:\s*(\w+)", raw, re.I | re.M)
    return bool(action) and action.group(1).lower() in (b"delayed", b"relayed")


def quoted_ids(raw):
    """Message-Ids of mails that a report is about."""
    text = raw[:HEADER_BYTES].decode("latin-1")
    return tuple(dict.fromkeys(MESSAGE_ID.findall(text)))[:MAX_REFERENCES]


# What it says --------------------------------------------------------------------


@dataclass(frozen=True)
class Body:
    """Text of a mail, and name and fingerprint of each file."""

    text: str = ""
    files: tuple = ()
    #: Whether its structure or markup is beyond what should be handed on as it is.
    is_wild: bool = False


def is_overnested(raw):
    """Whether a mail holds more mails and parts in each other than anybody sends."""
    return len(CONTAINER.findall(raw)) > MAX_CONTAINERS


def is_wild_markup(markup):
    """Whether cleaning a piece of HTML would take longer than anybody waits."""
    if markup.count("<") > MAX_TAGS:
        return True
    for piece in markup.split(">"):
        _before, _start, tag = piece.partition("<")
        if tag.count("<") > MAX_OPEN_TAGS:
            return True
        if len(tag) > MAX_TAG_WORDS and len(tag.split()) > MAX_TAG_WORDS:
            return True
    return False


def read_body(raw):
    """Text and files of a mail, as far as they can be read."""
    plain, markup, files, is_wild = "", "", [], True
    if not is_overnested(raw):
        # What cannot be read at all is as good as empty.
        with contextlib.suppress(Exception):
            message = email.message_from_bytes(raw, policy=email.policy.compat32)
            plain, markup, files, count = _parts(message)
            is_wild = count > MAX_TEXTS or is_wild_markup(markup)
    text = plain.strip() or html_to_text(markup).strip()
    if not text and not files:
        _head, _gap, rest = raw.partition(b"\n\n")
        rest = rest or raw.partition(b"\r\n\r\n")[2]
        text = as_text(rest[:TEXT_LENGTH]).strip()
    return Body(text=clean(text)[:TEXT_LENGTH], files=tuple(files), is_wild=is_wild)


def _parts(message):
    plain, markup, files, texts = "", "", [], 0
    for number, part in enumerate(message.walk()):
        if number >= MAX_PARTS:
            break
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True) or b""
        name = part.get_filename()
        kind = part.get_content_type()
        if name or not kind.startswith("text/"):
            digest = hashlib.sha256(content).hexdigest()
            files.append((clean(str(name or "")), digest))
            continue
        texts += 1
        if kind == "text/html":
            markup += as_text(content, part.get_content_charset())
        elif len(plain) < TEXT_LENGTH:
            text = as_text(content[:TEXT_LENGTH], part.get_content_charset())
            plain += text + "\n"
    return plain, markup, files, texts


def as_text(content, charset=None):
    """Decode bytes by the charset they claim, else by those that fit.

    :param bytes content: anything
    :param charset: a name that need not exist
    """
    for name in (charset, "utf-8", "gb18030"):
        try:
            if name:
                return content.decode(name)
        except (LookupError, ValueError, UnicodeError):
            continue
    return content.decode("latin-1")


def clean(text):
    """Text without what a database or a header cannot hold."""
    return CONTROL.sub("", text)


def html_to_text(markup):
    """Words of a piece of HTML; its length decides the time, whatever is in it."""
    pieces = markup[:MARKUP_LENGTH].split("<")
    words, hidden = [pieces[0]], ""
    for piece in pieces[1:]:
        tag, _end, text = piece.partition(">")
        name = re.match(r"/?[a-z0-9!]*", tag[:20].lower()).group()
        if hidden:
            hidden = "" if name == f"/{hidden}" else hidden
        elif name in ("script", "style", "head", "title"):
            hidden = name
        if not hidden:
            words.append("\n" if name.strip("/") in BLOCKS else "")
            words.append(text)
    text = html.unescape("".join(words)).replace("\xa0", " ")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def normalised(text):
    """Text as two copies of it are the same: letters and digits only, any case."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in text if character.isalnum())


def fingerprint(sketch, body):
    """What two mails have in common that say the same: sender, words and files."""
    subject = normalised(PREFIX.sub("", sketch.subject))
    told = [sketch.sender, subject, normalised(body.text)]
    told += [f"{name}:{digest}" for name, digest in body.files]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


# Mending -------------------------------------------------------------------------

#: Headers that a mended mail keeps as they are.
KEPT = (
    "to",
    "cc",
    "delivered-to",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "auto-submitted",
    "precedence",
    "return-path",
)


def mend(raw):
    """A well-formed mail that says what a broken one says, with the original attached.

    :return: bytes that any parser reads
    """
    sketch, body = read_headers(raw), read_body(raw)
    message = EmailMessage(policy=email.policy.SMTP)
    if sketch.senders:
        name = re.sub(r"[\"\\<>@,;:\r\n]+", " ", sketch.sender_name).strip()[:200]
        _set(message, "From", formataddr((name, sketch.senders[0])))
    for name in KEPT:
        value = sketch.headers.get(name)
        if value and name in ("to", "cc", "delivered-to"):
            value = ", ".join(_addresses(sketch.headers, name))
        elif value and name in ("message-id", "in-reply-to", "references"):
            value = " ".join(MESSAGE_ID.findall(value)[-MAX_REFERENCES:])
        if value:
            _set(message, name, value)
    _set(message, "Subject", sketch.subject[:500])
    message.set_content(body.text, charset="utf-8", cte="base64")
    message.add_attachment(
        raw, maintype="application", subtype="octet-stream", filename="original.eml"
    )
    return message.as_bytes()


def _set(message, name, value):
    """Set a header, or leave it away where it cannot be written."""
    value = " ".join(value.split())
    with contextlib.suppress(Exception):
        message[name] = value
        # What can be set can still fail when it is written.
        message.policy.fold_binary(name, message[name])
        return
    del message[name]
