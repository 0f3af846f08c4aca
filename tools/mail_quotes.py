"""The own words of a message, without the earlier mail that is quoted in it."""

import re

from lxml import html

from odoo.tools import html2plaintext

#: What a mail program writes above the mail that it copies below an answer.
COPY_BELOW = re.compile(
    r"^[ \t]*[-_]{2,}.{0,10}(original|原始邮件|原邮件|ursprüngliche).*",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)


def own_words(markup):
    """Plain text of a message without quotations and signature, as far as these can
    be told; all of it when nothing else would be left.

    :param str markup: sanitized by Odoo, which marks what mail programs quote
    """
    text = html2plaintext(markup or "").strip()
    if not text:
        return ""
    tree = html.fragment_fromstring(markup, create_parent="div")
    quotes = tree.xpath(".//*[@data-o-mail-quote]")
    for quote in quotes:
        quote.drop_tree()
    words = html2plaintext(html.tostring(tree, encoding="unicode"))
    words = COPY_BELOW.sub("", words).strip()
    return (_without_introduction(words) if quotes else words) or text


def _without_introduction(words):
    """Words without the line that introduces a quotation: “On 3 March Ann wrote:”.

    It names a date and ends with a colon; long ones are broken in two.
    """
    lines = words.split("\n")
    if not lines[-1].rstrip().endswith((":", "：")):
        return words
    for count in (1, 2):
        if any(character.isdigit() for character in "".join(lines[-count:])):
            return "\n".join(lines[:-count]).strip()
    return words
