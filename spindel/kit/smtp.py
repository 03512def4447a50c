"""The mail server that SPINDEL_SMTP_URL names, and whom its mail is from."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from urllib.parse import parse_qsl, unquote, urlsplit

from email_validator import EmailNotValidError, validate_email

from spindel.kit import environment

_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_HERE = ("localhost", "127.0.0.1", "::1")
_EXAMPLES = "smtp://user:password@mail.example.com:587?tls=starttls or smtps://user:password@mail.example.com"


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over. `security` is tls (from the start), starttls or none."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def server() -> Server | None:
    """The server that is set, or None. Raises SystemExit with what to do when it can't be read."""
    text = environment.value("SPINDEL_SMTP_URL").strip()
    if not text:
        return None
    if not sender():
        raise SystemExit(
            "SPINDEL_SMTP_URL is set, so set SPINDEL_MAIL_FROM, too: whom mail is from,"
            " such as Nordsko <hello@nordsko.example>."
        )
    try:
        return _read(text)
    except ValueError as error:
        # Without its value, which holds a password.
        raise SystemExit(f"SPINDEL_SMTP_URL {error}. Write it like {_EXAMPLES}.") from None


def _read(text: str) -> Server:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError("can't be read") from None
    if parts.scheme not in ("smtp", "smtps"):
        raise ValueError("should begin with smtp:// or smtps://")
    host = parts.hostname
    if not host or parts.path.strip("/") or parts.fragment:
        raise ValueError("should name a host, and after it at most a port and ?tls=")
    try:
        port = parts.port
    except ValueError:
        raise ValueError("has a port that is no number") from None
    if bool(parts.username) != bool(parts.password):
        raise ValueError("should hold both a user and a password, or neither")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    security = options.pop("tls", "")
    if options:
        raise ValueError("knows no option but tls")
    if parts.scheme == "smtps":
        if security:
            raise ValueError("needs no tls= after smtps://, which is TLS from the start")
        security = "tls"
    elif not security and host in _HERE:
        security = "none"
    elif security not in ("starttls", "none"):
        raise ValueError(
            "should end with ?tls=starttls, or with ?tls=none where mail may go unencrypted"
        )
    return Server(
        host,
        port or _PORTS[security],
        security,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def greet(server: Server, seconds: float = 5) -> None:
    """Be let in by the server, and leave. Raises OSError."""
    context = ssl.create_default_context()
    if server.security == "tls":
        session: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=seconds, context=context
        )
    else:
        session = smtplib.SMTP(server.host, server.port, timeout=seconds)
    with session:
        if server.security == "starttls":
            session.starttls(context=context)
        if server.user:
            session.login(server.user, server.password)


def sender() -> str:
    """Whom mail is from, as a header has it; "" where nobody is set. Raises SystemExit."""
    text = environment.value("SPINDEL_MAIL_FROM").strip()
    if not text:
        return ""
    name, address = parseaddr(text)
    try:
        found = validate_email(
            address,
            allow_smtputf8=False,
            check_deliverability=False,
            test_environment=True,  # also those of a company's own net, such as .local
        )
        user, domain = found.original.rpartition("@")[0], found.ascii_domain
        return str(Address(name, user, domain))
    except (EmailNotValidError, ValueError):
        raise SystemExit(
            f"SPINDEL_MAIL_FROM should be an address such as Nordsko <hello@nordsko.example>,"
            f" and is {text!r}."
        ) from None


def own_domain() -> str:
    """The domain of whom mail is from, for what must be unique in the world."""
    return parseaddr(sender())[1].rpartition("@")[2] or "spindel.invalid"
