"""The kinds of identifier, the form each is kept under, and the values that never identify anybody.

Pure arithmetic: no table, no network. Two spellings of one identifier must meet in one normal
form, and two people must never meet in one. The two mistakes do not weigh the same: people kept
apart are joined by the next identifier that they share, while people joined by mistake see each
other's orders. Whatever is not known to be the same is therefore kept apart.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

Key = tuple[str, str]  # kind and normal form


@dataclass(frozen=True, slots=True)
class Kind:
    """A sort of identifier, and how far it may be trusted to say who somebody is."""

    name: str
    strength: int
    """Lower wins: the strongest identifier of a message is the one its fact is filed under."""
    limit: int | None
    """How many of the kind one customer may have; None is any number. See `limit_key`."""
    device: bool
    """Handed from person to person, so that sharing one never makes two people one."""
    hub: int
    """An identifier that links more others than this says nothing about who somebody is."""


# The hub sizes follow what an honest identifier collects. A browser that forgets its cookies every
# week makes some fifty anonymous ids a year under one login, and every purchase adds a receipt; a
# receipt belongs to one purchase, and a device passes through a household, not through a queue.
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("user_id", strength=1, limit=1, device=False, hub=1000),
        Kind("card", strength=2, limit=10, device=False, hub=1000),
        Kind("messenger", strength=3, limit=10, device=False, hub=200),
        Kind("external", strength=4, limit=None, device=False, hub=1000),
        Kind("email", strength=5, limit=10, device=False, hub=500),
        Kind("phone", strength=6, limit=10, device=False, hub=500),
        Kind("receipt", strength=7, limit=None, device=False, hub=20),
        Kind("anonymous_id", strength=8, limit=None, device=True, hub=20),
        Kind("device", strength=9, limit=None, device=True, hub=20),
    )
}

_EXTERNAL = "external"
# Of what is made here for somebody of whom it is not certain who she is (`ownership.under`).
OUR_SYSTEM = "spindel"


# What never identifies anybody
# -----------------------------

# Words that say nothing of who somebody is, and neither do several of them: "null null", "Guest
# User". Compared in lower case, without quotes and whatever else stands between and around them.
# The first lines are the list that Mixpanel refuses as ids, met in production by every collector.
_NOTHING = frozenset(
    {
        *("anon", "anonymous", "nil", "none", "null", "na", "undefined", "unknown", "lmy47d"),
        *("true", "false", "nan", "nul", "nothing", "empty", "blank", "void", "notset", "unset"),
        *("object", "array", "function", "guest", "visitor", "default", "dummy", "fake", "found"),
        *("test", "tester", "testing", "string", "invalid", "missing", "available", "applicable"),
        *("deleted", "removed", "redacted", "anonymized", "anonymised", "provided", "given"),
        *("logged", "signed", "loggedin", "loggedout", "authenticated", "unauthenticated"),
        *("login", "logout", "unidentified", "unregistered", "unassigned", "nobody", "noone"),
        *("anonym", "gäst", "gæst", "gjest", "vieras", "okänd", "ukendt", "ukjent", "tuntematon"),
        *("saknas", "mangler", "puuttuu", "ingen", "inget", "finns", "eiole", "gast", "unbekannt"),
        *("inloggad", "utloggad", "logget", "angivet", "oplyst", "oppgitt", "x", "xx", "xxx"),
        # Whom it could have been, and names of fields: a header read as a row, a form's default.
        *("user", "users", "customer", "client", "member", "person", "account", "kund", "kunde"),
        *("bruger", "användare", "bruker", "asiakas", "konto", "medlem", "id", "ids", "uid"),
        *("uuid", "guid", "userid", "distinct", "distinctid", "anonymousid", "customerid"),
        *("deviceid", "externalid", "orderid", "cardid", "email", "mail", "epost", "number"),
        *("nummer", "name", "address", "kundnummer", "kundenummer", "phonenumber", "cardnumber"),
    }
)

# The same beside one of those: "not logged in", "no email", "card number". Alone they may be
# somebody's initials, or what somebody calls a device.
_BESIDE = frozenset(
    {
        *("not", "no", "non", "set", "yet", "in", "out", "ej", "ei", "inte", "ikke", "device"),
        *("phone", "mobile", "telefon", "mobil", "card", "kort", "order", "receipt", "external"),
        *("messenger", "value", "field", "column", "text", "key"),
    }
)

_WORD = re.compile(r"[^\W_]+")
_CAPITAL_WITHIN = re.compile(r"(?<=[a-zåäöæøü])(?=[A-ZÅÄÖÆØÜ])")

# What a spreadsheet shows instead of a value, in the languages it speaks: #NAME?, #DIV/0!, #NAMN?,
# #VÆRDI!, #N/A, #I/T, Err:502.
_SHEET_ERROR = re.compile(r"#[^\W\d_][^\s!?]{0,30}[!?]|#[A-Z]/[A-Z]|#NV|#GETTING_DATA|Err:\d{3}")

# And instead of a long number, whose last digits are gone: 7.35002E+12, or 7,35002E+12.
_ROUNDED = re.compile(r"[+-]?\d(?:[.,]\d+)?E\+\d{1,3}", re.IGNORECASE | re.ASCII)

# A field of a template that nobody filled in: {{user_id}}, ${id}, %%email%%, *|EMAIL|*, <id>.
_UNFILLED = re.compile(
    r"\{\{.*\}\}|\$\{.*\}|<%.*%>|%%.*%%|\*\|.*\|\*|<[a-z_ ]+>|\{[a-z_ ]+\}|\[[a-z_ ]+\]",
    re.DOTALL | re.IGNORECASE,
)

# Nothing but zeros and what stands between them: 0, 0000, the nil UUID that a phone reports
# instead of its advertising id when tracking is refused, the MAC address 00:00:00:00:00:00.
_ZEROS = "0-:. _"

# One character held down: 11111111, 99-99-99-99, xxxxxxxx, the all-ones UUID of RFC 9562.
_ONE_CHARACTER = re.compile(r"([0-9a-z])(?:[-: ]*\1){6,}", re.IGNORECASE)

# Fingers walking along the keyboard, from four digits on.
_WALKS = ("1234567890" * 2, "0123456789" * 2, "9876543210" * 2, "0987654321" * 2)

# 0700000000 and 811111111: an area code, then one key.
_ONE_KEY_AT_THE_END = re.compile(r"(\d)\1{6,}\Z")

# Ids that many machines share: what an early Android release gave every phone of some makers
# (Android issue 10603), and the MAC address that Android 6 and later show to every app.
_SHARED_DEVICES = frozenset({"9774d56d682e549c", "02:00:00:00:00:00"})

# Mailboxes that a program writes from, in Nordic languages, English and German. Compared with the
# start and the end of the part before the @, in lower case and without . - _
_AUTOMATA = (
    *("noreply", "donotreply", "dontreply", "noresponse", "noanswer", "mailerdaemon", "postmaster"),
    *("bounce", "autoreply", "autosvar", "devnull", "svarej", "svaraej", "svarainte", "svarinte"),
    *("ejsvar", "ingasvar", "ingetsvar", "ingensvar", "ikkesvar", "svarikke", "ikkebesvar"),
    *("besvarikke", "eivastausta", "alavastaa", "älävastaa", "svarekkert", "ekkisvara"),
    *("nichtantworten", "keineantwort"),
)

# Mailboxes that stand for no mailbox, compared in the same form. Short words such as `nan` and
# `na` are left out: they are the initials that Danish offices make addresses of.
_NOBODY_MAILBOX = frozenset(
    {
        *("test", "tester", "testing", "testtest", "null", "undefined", "none", "unknown"),
        *("anonymous", "anonym", "guest", "gäst", "gæst", "gjest", "nobody", "noone", "noname"),
        *("noemail", "nomail", "nomailaddress", "notprovided", "dummy", "fake", "invalid"),
        *("deleted", "removed", "redacted", "anonymized", "anonymised", "asd", "asdf", "qwerty"),
        *("saknas", "finnsej", "finnsinte", "ingenmail", "ingenmejl", "ingenepost", "ingenemail"),
        *("saknarmail", "saknarepost", "harejmail", "harintemail", "ikkemail", "ikkeoplyst"),
    }
)

# The same for the name of a domain: anything@test.com, kund@noemail.se. Not `example`: RFC 2606
# keeps example.com for documents and tests, and no one types it at a till.
_NOBODY_DOMAIN = frozenset(
    {
        *("test", "none", "null", "undefined", "unknown", "noemail", "nomail", "no-email"),
        *("no-mail", "asd", "asdf", "qwe", "qwerty", "dummy", "fake", "invalid", "saknas"),
        *("ingenmail", "ingenmejl", "ingenepost", "ingen-mail", "ingen-epost", "ikkemail"),
    }
)

# Where everybody may have an address, and nobody has one of a word for nothing.
_ANYBODYS_DOMAIN = frozenset(
    {"email", "mail", "epost", "mejl", "gmail", "hotmail", "outlook", "yahoo", "live", "icloud"}
)

# Top-level names that no mail can reach (RFC 6761, RFC 6762, RFC 7686); `example` is, as above,
# let through.
_RESERVED = frozenset({"arpa", "invalid", "local", "localhost", "onion", "test"})


# What different spellings have in common
# ---------------------------------------


@dataclass(frozen=True, slots=True)
class _Provider:
    """Mail domains whose operator is known to ignore more in the local part than its case."""

    domains: tuple[str, ...]
    ignored: str = ""
    tags: bool = True
    one_domain: str | None = None


# Domains of one provider are folded into one only where the provider gives both to every mailbox.
# Google: "Dots don't matter in Gmail addresses", and not at Google Workspace domains.
# Proton: "How to change your username" calls . _ and - transparent.
# Microsoft, Apple and Fastmail deliver name+tag to name. Yahoo's hyphen is no tag: what stands
# before it is not the address of the mailbox.
_PROVIDERS = (
    _Provider(("gmail.com", "googlemail.com"), ignored=".", one_domain="gmail.com"),
    _Provider(("proton.me", "protonmail.com", "protonmail.ch", "pm.me"), ignored=".-_"),
    _Provider(("icloud.com", "me.com", "mac.com")),
    _Provider(("fastmail.com", "fastmail.fm")),
    _Provider(
        (
            *("outlook.com", "outlook.dk", "outlook.de", "outlook.fr", "outlook.es", "outlook.it"),
            *("hotmail.com", "hotmail.se", "hotmail.dk", "hotmail.no", "hotmail.fi", "hotmail.de"),
            *("hotmail.co.uk", "hotmail.fr", "hotmail.es", "hotmail.it", "hotmail.nl"),
            *("live.com", "live.se", "live.dk", "live.no", "live.fi", "live.de", "live.co.uk"),
            *("live.fr", "live.it", "live.nl", "msn.com", "windowslive.com", "passport.com"),
        )
    ),
    _Provider(
        (
            *("yahoo.com", "yahoo.se", "yahoo.dk", "yahoo.no", "yahoo.de", "yahoo.co.uk"),
            *("yahoo.fr", "yahoo.es", "yahoo.it", "ymail.com", "rocketmail.com"),
        ),
        tags=False,
    ),
)
_BY_DOMAIN = {domain: provider for provider in _PROVIDERS for domain in provider.domains}

# The issuers' number ranges: Visa, Mastercard, American Express, Discover, Diners Club, JCB,
# Dankort. UnionPay (62) and Maestro are left out: shops number their own cards there.
_PAYMENT_PREFIX = re.compile(
    r"4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|3[47]|6011|64[4-9]|65|30[0-5]|36|38|35[2-8]|5019"
)

_LONGEST = 200
# Room for a display name or padding around the longest value; past it nothing is an identifier,
# and normal forms must not cost what a hostile sender decides.
_LONGEST_RAW = 500

# Control characters and lone surrogates: PostgreSQL takes neither NUL nor half a character.
_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

# White space, and what a copy from a web page or a spreadsheet brings along unseen.
_UNSEEN = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u200c\u200d\u2060\ufeff"

_CARD_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
_SYSTEM = re.compile(r"[a-z0-9][a-z0-9_.-]*")

# The mail addresses that nearly everybody has. Whatever does not match is judged by the library,
# which decides the same and takes ten times as long and more.
_PLAIN_MAIL = re.compile(
    r"([a-z0-9_'+-]+(?:\.[a-z0-9_'+-]+)*)@((?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,})",
    re.IGNORECASE | re.ASCII,
)
_LONGEST_PLAIN_MAIL = 64
_IN_BRACKETS = re.compile(r"([^<>]*)<([^<>]*)>")


# For whoever has no country: a telephone number needs its country's code then.
NOWHERE = ""


def normalise(kind: str, raw: str, country: str) -> str | None:
    """The normal form under which the identifier is kept, or None where it never identifies.

    None answers for what is malformed, too long or not text, for placeholders ("undefined",
    noreply@…, 0000000), for what a spreadsheet has rounded, and for a payment card's number.
    `country` is the ISO 3166 code of the country that a telephone number written without one
    belongs to: the source's, the market's, the store's, or NOWHERE.

    A normal form is its own normal form. No string raises; an unknown kind raises KeyError.
    """
    form = _FORMS[kind]
    if len(raw) > _LONGEST_RAW:
        return None
    value = raw.strip(_UNSEEN)
    if not value.isprintable() and _NOT_TEXT.search(value):
        return None
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
        # Letters that were lost on the way are lost for two people alike.
        if "\ufffd" in value:
            return None
    return form(unguarded(value), country)


_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u201d": "\u201d", "\u00bb": "\u00ab"}


def unguarded(text: str) -> str:
    """The text without what is put around a number so that a spreadsheet leaves it as it is:
    ="0017", '0017, "0017".
    """
    text = text.strip(_UNSEEN)
    while text:
        if text[:2] == '="' and text[-1] == '"' and len(text) > 2:
            text = text[2:-1].strip(_UNSEEN)
        elif text[0] in _QUOTES and text[-1] == _QUOTES[text[0]] and len(text) > 1:
            text = text[1:-1].strip(_UNSEEN)
        elif text[0] == "'":
            text = text[1:].strip(_UNSEEN)
        else:
            break
    return text


def is_rounded(text: str) -> bool:
    """Whether it is a number without its last digits, as a spreadsheet shows it: 7.35002E+12."""
    return _ROUNDED.fullmatch(text) is not None


def bare_address(text: str) -> str:
    """The e-mail address alone as it is written, of `Maria Lund <Maria@firma.example>` or mailto:.

    For sending and showing; whether it is an address at all is not looked at.
    """
    value = unguarded(text)
    if value[:7].lower() == "mailto:":
        value = value[7:].partition("?")[0]
    if bracketed := _IN_BRACKETS.fullmatch(value):
        name, address = unguarded(bracketed[1]), unguarded(bracketed[2])
        # Of several addresses the last is not more hers than the first.
        value = address if "@" not in name or name.lower() == address.lower() else value
    return unguarded(value)


_ADDRESS = re.compile(r"[^\s@,;|<>()\[\]\"]+@[^\s@,;|<>()\[\]\"]+")


def addresses_in(text: str) -> list[str]:
    """The e-mail addresses that a text names, in their normal forms, each once."""
    found = (normalise("email", one, NOWHERE) for one in _ADDRESS.findall(text[:_LONGEST_RAW]))
    return list(dict.fromkeys(one for one in found if one is not None))


def limit_key(kind: str, value: str) -> str:
    """What a customer's identifiers are counted under, to be held against `limit_of`.

    The kind; but `external:<system>` for an external identifier in its normal form, since a
    customer is in many systems, and once in each.
    """
    return f"{_EXTERNAL}:{value.partition(':')[0]}" if kind == _EXTERNAL else kind


def limit_of(key: str) -> int | None:
    """How many identifiers under a `limit_key` one customer may have; None is any number.

    Raises KeyError for a key of no kind.
    """
    if key.startswith(f"{_EXTERNAL}:"):
        return None if key == f"{_EXTERNAL}:{OUR_SYSTEM}" else 1
    return KINDS[key].limit


def _placeholder(value: str) -> bool:
    # -1 is nobody; without its sign it is the first customer.
    if not value.strip(_ZEROS) or value == "-1":
        return True
    words = [word.lower() for word in _WORD.findall(_CAPITAL_WITHIN.sub(" ", value))]
    rest = [word for word in words if word not in _NOTHING]
    return (
        not rest  # nor where there are no words at all: ***
        or (len(rest) < len(words) and _BESIDE.issuperset(rest))
        or "".join(words) in _NOTHING
        or _UNFILLED.fullmatch(value) is not None
        or _SHEET_ERROR.fullmatch(value) is not None
        or is_rounded(value)
    )


def _opaque(value: str, _country: str) -> str | None:
    if len(value) > _LONGEST or _placeholder(value) or _ONE_CHARACTER.fullmatch(value):
        return None
    return value


def _device(value: str, country: str) -> str | None:
    return None if value.lower() in _SHARED_DEVICES else _opaque(value, country)


def _external(value: str, country: str) -> str | None:
    system, _, known_as = value.partition(":")
    system, known_as = system.strip().lower(), unguarded(known_as)
    if not _SYSTEM.fullmatch(system) or _opaque(known_as, country) is None:
        return None
    if system == OUR_SYSTEM:  # nobody else says what is one of ours
        return None
    return _opaque(f"{system}:{known_as}", country)


def _receipt(value: str, _country: str) -> str | None:
    # One digit repeated is refused elsewhere, but order numbers do reach 1111111.
    source, _, order = value.partition("/")
    order = unguarded(order)
    if len(value) > _LONGEST or not source.strip() or _placeholder(order):
        return None
    return f"{source}/{order}"


def _card(value: str, country: str) -> str | None:
    if _placeholder(value):
        return None
    if not value.isascii():
        value = unicodedata.normalize("NFKC", value)
    value = unguarded(_CARD_SEPARATORS.sub("", value))
    # What a scanner reads off plastic is ASCII.
    if len(value) < 4 or not value.isascii():
        return None
    if _holds_payment_card(value):
        return None
    value = value.upper()
    if value.isdecimal() and (len(set(value)) == 1 or _walk(value)):
        return None
    return _opaque(value, country)


def _holds_payment_card(value: str) -> bool:
    """Whether a payment card was read or typed where the loyalty card belongs.

    PCI DSS requirement 3: a card number (PAN) is not kept unless the business needs it, and then
    unreadable. This one is never needed, so it is not even kept as a hash. Looked for among other
    characters too, as a swiped magnetic stripe carries the number beside the expiry date.
    """
    runs = re.findall(r"[0-9]+", value)
    return any(
        13 <= len(digits) <= 19 and _PAYMENT_PREFIX.match(digits) and _luhn(digits)
        for digits in (*runs, "".join(runs))
    )


def _luhn(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1."""
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(map(int, odd)) + sum(sum(divmod(2 * int(d), 10)) for d in even)) % 10 == 0


def _walk(digits: str) -> bool:
    return len(digits) >= 4 and any(walk.startswith(digits) for walk in _WALKS)


# The library needs a hundred times as long as the cache, and the same customers come again.
@lru_cache(maxsize=32_768)
def _phone(value: str, country: str) -> str | None:
    try:
        number = phonenumbers.parse(value, country.upper())
    except phonenumbers.NumberParseException:
        return None
    # An extension tells the people behind one switchboard apart, and E.164 has no room for it:
    # without it a company's staff would become one customer.
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    digits = phonenumbers.national_significant_number(number)
    if _walk(digits) or _ONE_KEY_AT_THE_END.search(digits):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _email(value: str, _country: str) -> str | None:
    plain = _PLAIN_MAIL.fullmatch(value) if len(value) <= _LONGEST_PLAIN_MAIL else None
    parts = plain.groups() if plain else _unusual_mail(value)
    if parts is None:
        return None
    # Mail servers may tell capitals apart, and nobody's does (RFC 5321, 2.4). In lower case, and
    # no further: by `casefold` ß would be ss, and whoever has one of two mailboxes both.
    local, domain = unicodedata.normalize("NFC", parts[0].lower()).lstrip("'"), parts[1].lower()
    if not local or local[0] == ".":
        return None
    provider = _BY_DOMAIN.get(domain)
    if provider is not None and local.isascii():
        local, domain = _as_provider_reads(provider, local, domain)
        if not local or local[-1] == ".":
            return None
    return None if _nobodys_mailbox(local, domain) else f"{local}@{domain}"


@lru_cache(maxsize=4_096)
def _unusual_mail(value: str) -> tuple[str, str] | None:
    """The local part, in NFC, and the domain, in ASCII, of any address a person may have typed."""
    try:
        mail = validate_email(bare_address(value), check_deliverability=False)
    except EmailNotValidError:
        return None
    return unicodedata.normalize("NFC", mail.original.rpartition("@")[0]), mail.ascii_domain


def _as_provider_reads(provider: _Provider, local: str, domain: str) -> tuple[str, str]:
    if provider.tags:
        local = local.partition("+")[0]
    for character in provider.ignored:
        local = local.replace(character, "")
    return local.lstrip("'"), provider.one_domain or domain


def _nobodys_mailbox(local: str, domain: str) -> bool:
    name, _, top = domain.rpartition(".")
    if top in _RESERVED or len(top) < 2 or name in _NOBODY_DOMAIN:
        return True
    bare = local.partition("+")[0]
    if bare == name and len(set(bare)) == 1:  # a@a.se
        return True
    bare = bare.replace(".", "").replace("-", "").replace("_", "")
    if (bare in _NOTHING or bare in _BESIDE) and (bare == name or name in _ANYBODYS_DOMAIN):
        return True  # na@na.com, no@email.com
    return bare in _NOBODY_MAILBOX or bare.startswith(_AUTOMATA) or bare.endswith(_AUTOMATA)


_FORMS: dict[str, Callable[[str, str], str | None]] = {
    "user_id": _opaque,
    "card": _card,
    "messenger": _opaque,
    _EXTERNAL: _external,
    "email": _email,
    "phone": _phone,
    "receipt": _receipt,
    "anonymous_id": _device,
    "device": _device,
}
