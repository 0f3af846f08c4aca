"""Phone numbers as people type and store them, made comparable (A2).

Pure: knows nothing of Odoo. The same number is written +49 30 1234567, 0049301234567,
(030) 123 45 67 or 030/1234567: what they share are the last digits, without the zeros
and the country's code in front. So numbers are compared from their end.
"""

import re
import unicodedata

#: Fewer digits are no phone number.
MIN_DIGITS = 5
#: What is left of a number when a country's code is taken off has at least so many.
MIN_NATIONAL = 6
_PHONE = re.compile(r"[\d\s+()./\-–]+")
#: Codes of countries have one to three digits.
_CODE_LENGTHS = (1, 2, 3)


def digits(text):
    """The digits of a text, full-width ones included, as 0-9."""
    plain = unicodedata.normalize("NFKC", text or "")
    return "".join(sign for sign in plain if "0" <= sign <= "9")


def is_phone(text):
    """Whether a text can be a phone number: digits, and what is written between."""
    plain = unicodedata.normalize("NFKC", text or "").strip()
    return bool(_PHONE.fullmatch(plain)) and len(digits(plain)) >= MIN_DIGITS


def endings(text):
    """What a stored number may end with to be the one that was typed.

    :return: list of digits, the longest first; empty when it is no phone number
    """
    if not is_phone(text):
        return []
    plain = unicodedata.normalize("NFKC", text).strip()
    number = digits(plain)
    abroad = plain.startswith("+") or number.startswith("00")
    number = number.lstrip("0")
    found = [number] if len(number) >= MIN_DIGITS else []
    if abroad:
        for length in _CODE_LENGTHS:
            # "+49 (0)30": the zero in brackets is for calls from within the country.
            national = number[length:].lstrip("0")
            if len(national) >= MIN_NATIONAL:
                found.append(national)
    return list(dict.fromkeys(found))
