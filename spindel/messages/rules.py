"""What can be said of a mail without a database: whether it can be sent as it is meant."""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from spindel.identity.rules import bare_address
from spindel.kit.refusal import Refusal

LONGEST_SUBJECT = 200
LONGEST_NAME = 100
LONGEST_TEXT = 100_000
LONGEST_HTML = 400_000
LARGEST_FILE = 2_000_000  # bytes; most servers take five times as many
_LONGEST_ADDRESS = 254
_LONGEST_RAW = 500  # with a name beside it
_FILE = re.compile(r"[A-Za-z0-9_-]{1,70}\.[a-z]{2,4}")


class NotSent(Refusal):
    """It can't be sent; the message says why, to a person."""


def address_of(text: str) -> str:
    """The address alone as it is written, its domain in ASCII.

    Raises NotSent when it is none that mail can be sent to.
    """
    if len(text) > _LONGEST_RAW:
        raise NotSent("no_mail_address")
    try:
        # A local part beyond ASCII needs a server that few have; all others would refuse it.
        found = validate_email(bare_address(text), allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError:
        raise NotSent("no_mail_address") from None
    address = f"{found.original.rpartition('@')[0]}@{found.ascii_domain}"
    if len(address) > _LONGEST_ADDRESS:
        raise NotSent("no_mail_address")
    return address


def is_line(text: str, longest: int) -> bool:
    """Whether it is one line of text, and not too long."""
    # Whatever ends a line could begin a header of somebody's own.
    ends = ("Cc", "Cs", "Zl", "Zp")
    return len(text) <= longest and not any(unicodedata.category(one) in ends for one in text)


def check_body(text: str, longest: int) -> None:
    """Raises NotSent when it is no text, or too long."""
    if len(text) > longest:
        raise NotSent("mail_too_long")
    if "\0" in text or any(unicodedata.category(one) == "Cs" for one in text):
        raise NotSent("mail_no_text")


def check_attached(content: bytes | None, name: str) -> None:
    """Raises NotSent for a file that is too large, or has no name that every program can read."""
    if content is None and not name:
        return
    if not content or len(content) > LARGEST_FILE:
        raise NotSent("mail_file_size")
    if not _FILE.fullmatch(name):
        raise NotSent("mail_file_name")
