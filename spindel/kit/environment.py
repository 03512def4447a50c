"""Every setting there is: an environment variable with a default and a meaning.

`docs/settings.md` shows this table; a test keeps the two alike.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its default as text, and what it means in a sentence."""

    name: str
    default: str
    meaning: str
    secret: bool = False  # what `spindel doctor` says no more of than that it is set


SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("SPINDEL_HOME", "./var", "Folder for the embedded database, keys and files."),
        Setting("SPINDEL_PORT", "8000", "The port that the program listens on."),
        Setting("SPINDEL_HOST", "127.0.0.1", "The address that the program listens on."),
        Setting(
            "SPINDEL_DATABASE_URL",
            "",
            "A PostgreSQL server, 15 or newer. Empty: the embedded one in SPINDEL_HOME.",
        ),
        Setting(
            "SPINDEL_SECRET_KEY",
            "",
            "Signs sessions and links. Empty: made once and kept in SPINDEL_HOME/keys.",
            secret=True,
        ),
        Setting(
            "SPINDEL_VAULT_KEYS",
            "",
            "Encrypt secrets in the database; the newest first, with commas between. Empty: made"
            " and kept in SPINDEL_HOME/keys. Several machines need the same ones.",
            secret=True,
        ),
        Setting(
            "SPINDEL_ALLOWED_HOSTS",
            "localhost,127.0.0.1,[::1]",
            "Host names that the pages answer to, with commas between.",
        ),
        Setting(
            "SPINDEL_PUBLIC_URL",
            "",
            "The address that people reach the program by, such as https://crm.example.com."
            " When it is https, cookies are sent over https alone.",
        ),
        Setting(
            "SPINDEL_SHOP_URL",
            "",
            "The address of your web shop, which login links lead to: its /login takes their code.",
        ),
        Setting(
            "SPINDEL_SHOP_PAGES",
            "",
            "Where your web shop's product pages are, for `spindel audit`: by country, with spaces"
            " between, such as SE=https://shop.example/p/{number}?sku={sku}. Empty: they are not"
            " asked.",
        ),
        Setting(
            "SPINDEL_AUDIT_HOUR",
            "3",
            "From which hour of the day on the nightly audit asks every face what goods cost."
            " off: it does not.",
        ),
        Setting(
            "SPINDEL_TRUSTED_PROXIES",
            "0",
            "How many proxies of yours stand in front: as many of the last X-Forwarded-For"
            " addresses are believed.",
        ),
        Setting(
            "SPINDEL_SESSION_HOURS",
            "12",
            "After so many hours without a page being opened, a person logs in again.",
        ),
        Setting(
            "SPINDEL_SESSION_DAYS",
            "7",
            "After so many days a person logs in again, however busy she was.",
        ),
        Setting(
            "SPINDEL_REQUIRE_MFA",
            "no",
            "yes: whoever has no two-step login and no passkey sets one up before anything else.",
        ),
        Setting(
            "SPINDEL_OIDC_URL",
            "",
            "The issuer of your OpenID Connect provider, such as https://login.example.com/realm."
            " Empty: people log in with what they have here.",
        ),
        Setting("SPINDEL_OIDC_CLIENT_ID", "", "The client that the provider knows Spindel as."),
        Setting("SPINDEL_OIDC_CLIENT_SECRET", "", "The client's secret.", secret=True),
        Setting(
            "SPINDEL_OIDC_NAME", "OpenID Connect", "What the button on the login page calls it."
        ),
        Setting(
            "SPINDEL_OIDC_SIGNUP_ROLE",
            "",
            "The role that people of the provider get who are not here yet: admin, marketer,"
            " agent, clerk or analyst. Empty: an administrator adds people first.",
        ),
        Setting(
            "SPINDEL_SMTP_URL",
            "",
            "The mail server, such as smtp://user:password@mail.example.com:587?tls=starttls or"
            " smtps://user:password@mail.example.com. Empty: mails are kept for a day, and not"
            " sent.",
        ),
        Setting(
            "SPINDEL_MAIL_FROM",
            "",
            "Whom mail is from, such as Nordsko <hello@nordsko.example>. Needed to send any.",
        ),
        Setting(
            "SPINDEL_STRIPE_KEY",
            "",
            "Your secret key at Stripe, sk_… or rk_…. Empty: nobody pays by card.",
            secret=True,
        ),
        Setting(
            "SPINDEL_STRIPE_WEBHOOK_SECRET",
            "",
            "What Stripe signs with that it tells to /webhooks/stripe: whsec_….",
            secret=True,
        ),
        Setting(
            "SPINDEL_STRIPE_URL",
            "",
            "Another server that answers as Stripe does. Empty: Stripe itself.",
        ),
        Setting(
            "SPINDEL_SELLER",
            "",
            "Who sells, on receipts, quotes and the pages of orders. Empty: whoever mail is from.",
        ),
        Setting(
            "SPINDEL_SELLER_NUMBER",
            "",
            "The seller's number in the register of companies or of VAT, for receipts.",
        ),
        Setting("SPINDEL_SELLER_ADDRESS", "", "Where the seller is, in one line, for receipts."),
        Setting(
            "SPINDEL_DELIVERY_DAYS",
            "",
            "In how many working days what is sent comes, by market: SE=1-3,DK=2-4. Where none are"
            " said, nobody is told when to expect it.",
        ),
        Setting("SPINDEL_TIME_ZONE", "Europe/Stockholm", "The shop's time zone on the pages."),
        Setting("SPINDEL_WEB_WORKERS", "2", "Processes that answer pages and API calls."),
        Setting("SPINDEL_WEB_THREADS", "4", "Threads for pages and API calls in each of them."),
        Setting(
            "SPINDEL_COLLECT_MEMORY_MB",
            "64",
            "What a collector holds at most of messages that wait for the database; past"
            " that it answers 503.",
        ),
        Setting(
            "SPINDEL_DEMO_TRAFFIC",
            "on",
            "off: nobody comes to the shops of `spindel demo` by themselves.",
        ),
        Setting("SPINDEL_LOG", "info", "How much is logged: debug, info, warning or error."),
    )
}


def value(name: str) -> str:
    """The setting's value as text: from the environment, else its default."""
    return os.environ.get(name) or SETTINGS[name].default


def number(name: str) -> int:
    """The setting as a whole number. Raises SystemExit with what to do when it is none."""
    text = value(name)
    try:
        return int(text)
    except ValueError:
        raise SystemExit(f"{name} should be a whole number, and is {text!r}.") from None


def switch(name: str) -> bool:
    """The setting as yes or no, on or off. Raises SystemExit with what to do when it is neither."""
    text = value(name).lower()
    if text not in _SWITCHES:
        yes, no = ("on", "off") if SETTINGS[name].default in ("on", "off") else ("yes", "no")
        raise SystemExit(f"{name} should be {yes} or {no}, and is {text!r}.")
    return _SWITCHES[text]


_SWITCHES = {"yes": True, "on": True, "no": False, "off": False}


def home() -> Path:
    """SPINDEL_HOME as an absolute path; it need not exist yet."""
    return Path(value("SPINDEL_HOME")).expanduser().resolve()
