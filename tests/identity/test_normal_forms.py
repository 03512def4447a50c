"""Two spellings of one identifier meet in one normal form; what identifies nobody has none."""

import csv
import os
import string
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spindel.identity import rules
from spindel.identity.rules import KINDS, limit_key, limit_of, normalise

DATA = Path(
    os.environ.get("SPINDEL_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data"
)
PHONES = DATA / "nordic_phones" / "phones.csv"

OPAQUE = ["user_id", "messenger", "anonymous_id", "device"]


# Kinds


def test_the_kinds_are_listed_from_the_strongest_to_the_weakest() -> None:
    assert list(KINDS) == [
        *("user_id", "card", "messenger", "external", "email", "phone"),
        *("receipt", "anonymous_id", "device"),
    ]
    strengths = [kind.strength for kind in KINDS.values()]
    assert strengths == sorted(set(strengths))


def test_only_what_is_handed_from_person_to_person_is_a_device() -> None:
    assert {name for name, kind in KINDS.items() if kind.device} == {"anonymous_id", "device"}


def test_a_customer_has_one_user_id_and_ten_of_what_people_have_several_of() -> None:
    assert {name: kind.limit for name, kind in KINDS.items()} == {
        **{"user_id": 1, "card": 10, "messenger": 10, "email": 10, "phone": 10},
        **{"external": None, "receipt": None, "anonymous_id": None, "device": None},
    }


def test_a_customer_is_in_many_systems_and_once_in_each() -> None:
    crm, till = limit_key("external", "crm:7"), limit_key("external", "till:7")
    assert crm == "external:crm"
    assert crm != till
    assert limit_of(crm) == limit_of(till) == 1


@pytest.mark.parametrize("kind", [name for name in KINDS if name != "external"])
def test_other_kinds_are_limited_as_a_kind(kind: str) -> None:
    assert limit_key(kind, "a:b") == kind
    assert limit_of(kind) == KINDS[kind].limit


def test_an_unknown_kind_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        normalise("shoe_size", "43", "SE")
    with pytest.raises(KeyError):
        limit_of("shoe_size")


# Mail

_LETTERS = string.ascii_letters + string.digits
_LABELS = st.lists(st.text(_LETTERS, min_size=1, max_size=6), min_size=1, max_size=2)
PLAIN_MAIL = st.builds(
    lambda local, domain, top: f"{'.'.join(local)}@{'.'.join(map('-'.join, domain))}.{top}",
    st.lists(st.text(_LETTERS + "_'+-", min_size=1, max_size=6), min_size=1, max_size=3),
    st.lists(_LABELS, min_size=1, max_size=2),
    st.text(string.ascii_letters, min_size=2, max_size=6),
).filter(lambda mail: rules._PLAIN_MAIL.fullmatch(mail) and len(mail) <= 64)
# phonenumbers reads a country's numbering plan from disk when it first meets it.
unhurried = settings(deadline=None)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("anna@example.com", "anna@example.com"),
        ("anna@butik.example", "anna@butik.example"),
        ("  anna@example.com\r\n", "anna@example.com"),
        ("\ufeffanna@example.com\u200b", "anna@example.com"),
        ("anna@EXAMPLE.Com", "anna@example.com"),
        ("mailto:anna@example.com", "anna@example.com"),
        ("MAILTO:anna@example.com?subject=Hej", "anna@example.com"),
        ("Anna Ek <anna@example.com>", "anna@example.com"),
        ('"Ek, Anna" <anna@example.com>', "anna@example.com"),
        ("<anna@example.com>", "anna@example.com"),
        ("Anna@Example.com <anna@example.com>", "anna@example.com"),
        ("o'hara@example.com", "o'hara@example.com"),
        ("{anna}/ek@example.com", "{anna}/ek@example.com"),
        ("anna@räksmörgås.se", "anna@xn--rksmrgs-5wao1o.se"),
        ("anna@RÄKSMÖRGÅS.SE", "anna@xn--rksmrgs-5wao1o.se"),
        ("anna@xn--rksmrgs-5wao1o.se", "anna@xn--rksmrgs-5wao1o.se"),
        ("åsa@example.com", "åsa@example.com"),
        (unicodedata.normalize("NFD", "åsa@example.com"), "åsa@example.com"),
        ("INFO@räksmörgås.se", "info@xn--rksmrgs-5wao1o.se"),
        ("nan@firma.dk", "nan@firma.dk"),
        ("anna@anna.se", "anna@anna.se"),
    ],
)
def test_mail_addresses_meet_in_one_form(raw: str, expected: str) -> None:
    assert normalise("email", raw, "SE") == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("anna.ek@example.com", "annaek@example.com"),
        ("anna+skor@example.com", "anna@example.com"),
        ("anna.ek@outlook.com", "annaek@outlook.com"),
        # Letters that are others in small, too: both mailboxes may be there.
        ("straße@example.com", "strasse@example.com"),
        ("ılker@example.com", "ilker@example.com"),
        ("İlker@example.com", "ilker@example.com"),
        ("ſofia@example.com", "sofia@example.com"),
        ("ﬁona@example.com", "fiona@example.com"),
        ("anna-ek@yahoo.com", "anna@yahoo.com"),
        ("anna+ek@yahoo.com", "anna@yahoo.com"),
        ("anna@hotmail.com", "anna@outlook.com"),
        ("anna@icloud.com", "anna@me.com"),
        ("anna@proton.me", "anna@pm.me"),
        ("anna@mail.gmail.com", "anna@gmail.com"),
    ],
)
def test_mail_addresses_not_known_to_be_one_mailbox_stay_apart(one: str, other: str) -> None:
    forms = normalise("email", one, "SE"), normalise("email", other, "SE")
    assert None not in forms
    assert forms[0] != forms[1]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Anna.Ek+skor@gmail.com", "annaek@gmail.com"),
        ("a.n.n.a.e.k@GoogleMail.com", "annaek@gmail.com"),
        ("Anna.Ek+skor@outlook.com", "anna.ek@outlook.com"),
        ("ANNA@hotmail.se", "anna@hotmail.se"),
        ("ANNA+a+b@live.dk", "anna@live.dk"),
        ("Anna+skor@icloud.com", "anna@icloud.com"),
        ("Anna+skor@me.com", "anna@me.com"),
        ("Anna+skor@fastmail.fm", "anna@fastmail.fm"),
        ("Anna_Ek.B-C+skor@proton.me", "annaekbc@proton.me"),
        ("Anna.Ek@yahoo.se", "anna.ek@yahoo.se"),
        ("Åsa.Ek@gmail.com", "åsa.ek@gmail.com"),
    ],
)
def test_a_mail_address_is_read_as_its_provider_reads_it(raw: str, expected: str) -> None:
    assert normalise("email", raw, "SE") == expected


@pytest.mark.parametrize(
    "raw",
    [
        *("maria.lund@firma.example", "Maria.Lund@firma.example", "MARIA.LUND@FIRMA.EXAMPLE"),
        *("Maria Lund <maria.lund@firma.example>", '"Lund, Maria" <Maria.Lund@Firma.example>'),
        *('"maria.lund@firma.example"', "'Maria.Lund@firma.example'", "'maria.lund@firma.example"),
        *(
            '="Maria.Lund@firma.example"',
            "mailto:Maria.Lund@firma.example",
            "“maria.lund@firma.example”",
        ),
    ],
)
def test_one_mailbox_is_one_person_in_whatever_letters_and_marks_it_comes(raw: str) -> None:
    assert normalise("email", raw, "SE") == "maria.lund@firma.example"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ÅSA@example.com", "åsa@example.com"),
        (unicodedata.normalize("NFD", "ÅSA@example.com"), "åsa@example.com"),
        ("ØRSTED@example.com", "ørsted@example.com"),
        ("İLKER@example.com", "i\u0307lker@example.com"),
        ("ẞ@example.com", "ß@example.com"),
        ("ΩΜΕΓΑ@example.com", "ωμεγα@example.com"),
    ],
)
def test_capitals_of_any_alphabet_say_nothing(one: str, other: str) -> None:
    assert normalise("email", one, "SE") == normalise("email", other, "SE") is not None


@unhurried
@given(PLAIN_MAIL)
def test_the_case_of_a_mail_address_never_matters(mail: str) -> None:
    forms = {
        normalise("email", one, "SE") for one in (mail, mail.upper(), mail.lower(), mail.swapcase())
    }
    assert len(forms) == 1


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        ("anna@example.com", ["anna@example.com"]),
        ('"anna@example.com"', ["anna@example.com"]),
        ("anna@example.com; Anna@Example.com", ["anna@example.com"]),
        ("anna@example.com (privat)", ["anna@example.com"]),
        ("anna@example.com, saknas@saknas.se", ["anna@example.com"]),
        ("anna@example.com bo@example.com", ["anna@example.com", "bo@example.com"]),
        ("Anna <anna@example.com>, Bo <bo@example.com>", ["anna@example.com", "bo@example.com"]),
        ("anna@example.com|bo@example.com", ["anna@example.com", "bo@example.com"]),
        ("saknas", []),
        ("@" * 1_000_000, []),
    ],
)
def test_a_text_may_name_several_addresses(cell: str, named: list[str]) -> None:
    assert rules.addresses_in(cell) == named


def test_no_mail_domain_has_two_providers() -> None:
    domains = [domain for provider in rules._PROVIDERS for domain in provider.domains]
    assert len(domains) == len(set(domains))
    assert {p.one_domain for p in rules._PROVIDERS if p.one_domain} <= set(domains)


@pytest.mark.parametrize(
    "raw",
    [
        *("noreply@butik.se", "no-reply@butik.se", "No.Reply@butik.se", "NO_REPLY@butik.se"),
        *("donotreply@butik.se", "do-not-reply@butik.se", "orders-noreply@butik.se"),
        *("noreply-order@butik.se", "noreply+4711@butik.se", "no.reply@gmail.com"),
        *("mailer-daemon@butik.se", "MAILER-DAEMON@butik.se", "postmaster@butik.se"),
        *("bounces+4711@mail.butik.se", "svar-ej@butik.se", "svara-ej@butik.se"),
        *("ej.svar@butik.se", "ingen-svar@butik.no", "ikke-svar@butik.dk"),
        *("besvar-ikke@butik.dk", "ala-vastaa@kauppa.fi", "älä-vastaa@kauppa.fi"),
    ],
)
def test_a_mailbox_that_a_program_writes_from_never_identifies(raw: str) -> None:
    assert normalise("email", raw, "SE") is None


@pytest.mark.parametrize(
    "raw",
    [
        *("test@test", "test@test.com", "Test@Test.se", "test@example.com", "test+1@butik.se"),
        *("kund@test.se", "a@a.a", "a@a.se", "aaa@aaa.com", "asdf@asdf.com", "qwe@qwe.com"),
        *("none@none.com", "null@butik.se", "undefined@butik.se", "kund@noemail.se"),
        *("no-email@butik.se", "ingen.mail@butik.se", "saknas@saknas.se", "guest@butik.se"),
        *("deleted@butik.se", "kassa@till.local", "anna@localhost", "anna@butik.test"),
        *("anna@butik.invalid", "Test User <test@test.com>", "{{email}}", "*|EMAIL|*"),
        *(
            "na@na.com",
            "no@email.com",
            "none@gmail.com",
            "null@hotmail.com",
            "x@x.dk",
            "id@mail.com",
        ),
        *("user@user.com", "EJ@EPOST.se", "na@epost.dk", "email@email.com", "none@none.no"),
    ],
)
def test_a_mailbox_that_nobody_has_never_identifies(raw: str) -> None:
    assert normalise("email", raw, "SE") is None


@pytest.mark.parametrize(
    "raw",
    [
        *("", "@", "anna", "anna@", "@example.com", "anna@example", "anna@@example.com"),
        *("anna ek@example.com", "anna@exa mple.com", ".anna@example.com", "anna.@example.com"),
        *("an..na@example.com", "anna@example..com", "anna@-example.com", "anna@[127.0.0.1]"),
        *('"anna ek"@example.com', "anna@example.com, bo@example.com", "anna@example.c0m1"),
        *("Anna <anna@example.com>, Bo <bo@example.com>", "bo@example.com <anna@example.com>"),
        *("<anna@example.com> <bo@example.com>", "anna@example.com;bo@example.com"),
        *("anna@xn--zzzzzz--.se", "anna@" + "a" * 64 + ".se", "a" * 250 + "@example.com"),
        *("anna\x00@example.com", "anna\ud800@example.com", "anna@ex\udc00mple.com"),
        *("+skor@gmail.com", "_-_@proton.me", "anna.+skor@outlook.com"),
    ],
)
def test_what_is_no_mail_address_has_no_form(raw: str) -> None:
    assert normalise("email", raw, "SE") is None


@unhurried
@given(PLAIN_MAIL)
def test_the_short_cut_for_plain_addresses_decides_as_the_library_does(mail: str) -> None:
    local, _, domain = mail.rpartition("@")
    local, mail = local.lstrip("'"), mail.lstrip("'")
    if not local or local[0] == ".":
        return
    found = rules._unusual_mail(mail)
    reserved = domain.lower().rpartition(".")[2] in rules._RESERVED
    assert found == (None if reserved else (local, domain.lower()))


# Phone


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("070-123 45 67", "SE", "+46701234567"),
        ("0046 70 123 45 67", "SE", "+46701234567"),
        ("+46 (0)70-123 45 67", "SE", "+46701234567"),
        ("46701234567", "SE", "+46701234567"),
        ("tel:+46-70-123-45-67", "DK", "+46701234567"),
        ("\u200e+46701234567\u202c", "SE", "+46701234567"),
        ("+46701234567", "SE", "+46701234567"),
        ("32 12 34 56", "DK", "+4532123456"),
        ("32 12 34 56", "dk", "+4532123456"),
        ("+4532123456", "nowhere", "+4532123456"),
    ],
)
def test_phone_numbers_meet_in_one_form(raw: str, country: str, expected: str) -> None:
    assert normalise("phone", raw, country) == expected


def test_every_spelling_of_the_nordic_numbers_meets_its_e164_form() -> None:
    if not PHONES.exists():
        pytest.skip("needs the nordic_phones data: set SPINDEL_TEST_DATA to the folder that has it")
    with PHONES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = [
        (row["region"], row["raw"], row["expected_e164"], found)
        for row in rows
        if (found := normalise("phone", row["raw"], row["region"])) != row["expected_e164"]
    ]
    assert rows
    assert wrong == []


@pytest.mark.parametrize(
    "raw",
    [
        *("", "0", "+", "070", "12", "0000000", "0000000000", "11111111", "1111111111"),
        *("99999999", "1234567890", "0123456789", "9876543210", "0700000000", "0701111111"),
        *("+46 70 000 00 00", "unknown", "saknas", "070-123 45 67 89 10", "19700101-1234"),
        *("070-123\x0045 67", "070\ud800", "9" * 500),
    ],
)
def test_what_is_nobodys_number_never_identifies(raw: str) -> None:
    assert normalise("phone", raw, "SE") is None


@pytest.mark.parametrize(
    ("raw", "country"),
    [("12345678", "DK"), ("99999999", "NO"), ("01234 567890", "GB"), ("2222 2222", "NO")],
)
def test_a_valid_number_of_one_key_or_of_keys_in_a_row_never_identifies(
    raw: str, country: str
) -> None:
    assert normalise("phone", raw, country) is None


@pytest.mark.parametrize("raw", ["08-12 34 56 ext. 12", "+468123456;ext=12", "08-12 34 56 x12"])
def test_a_number_with_an_extension_is_not_taken_for_its_switchboard(raw: str) -> None:
    assert normalise("phone", "08-12 34 56", "SE") == "+468123456"
    assert normalise("phone", raw, "SE") is None


def test_a_number_without_country_code_belongs_to_the_country_of_its_source() -> None:
    assert normalise("phone", "40 61 23 45", "NO") == "+4740612345"
    assert normalise("phone", "40 61 23 45", "DK") == "+4540612345"
    assert normalise("phone", "40 61 23 45", "nowhere") is None


@pytest.mark.parametrize(
    ("typed", "country", "expected"),
    [
        ("070-174 06 05", "SE", "+46701740605"),
        ("22 33 44 55", "DK", "+4522334455"),
        ("51 23 45 67", "DK", "+4551234567"),
        ("93 12 34 56", "DK", "+4593123456"),
        ("412 34 567", "NO", "+4741234567"),
        ("040 123 4567", "FI", "+358401234567"),
        ("+45 51 23 45 67", "SE", "+4551234567"),
        ("22 33 44 55", "SE", "+4622334455"),
        ("22 33 44 55", rules.NOWHERE, None),
        ("+45 22 33 44 55", rules.NOWHERE, "+4522334455"),
        ("'+46701740605", "DK", "+46701740605"),
        ('="0701740605"', "SE", "+46701740605"),
        ("4.6701740605E+10", "SE", None),
    ],
)
def test_the_same_digits_are_another_number_in_another_country(
    typed: str, country: str, expected: str | None
) -> None:
    assert normalise("phone", typed, country) == expected


# Card


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("9752 0012 3456 7890", "9752001234567890"),
        ("9752-0012–3456\u00a07890", "9752001234567890"),
        ("sp-00412", "SP00412"),
        (" ９７５２００１２ ", "97520012"),
        ("4712", "4712"),
    ],
)
def test_loyalty_cards_meet_in_one_form(raw: str, expected: str) -> None:
    assert normalise("card", raw, "SE") == expected


# The test numbers that the card networks and their processors publish.
PAYMENT_CARDS = [
    *("4111111111111111", "4242424242424242", "4222222222222", "4000056655665556"),
    *("5555555555554444", "5105105105105100", "2223003122003222", "2720990000000007"),
    *("378282246310005", "341111111111111", "6011111111111117", "6500000000000002"),
    *("3056930009020004", "36227206271667", "3566002020360505", "5019717010103742"),
]


@pytest.mark.parametrize("number", PAYMENT_CARDS)
@pytest.mark.parametrize(
    "written", ["{}", " {} ", "SP{}", "%B{}^EK/ANNA^28122011000?", ";{}=28122011000?"]
)
def test_a_payment_card_is_never_kept(number: str, written: str) -> None:
    assert normalise("card", written.format(number), "SE") is None


@pytest.mark.parametrize("between", [" ", "-", "\u00a0", "–", ".", "/", "a"])
def test_a_payment_card_is_never_kept_in_groups(between: str) -> None:
    number = "4242424242424242"
    groups = between.join(number[at : at + 4] for at in range(0, 16, 4))
    assert normalise("card", groups, "SE") is None


def test_a_long_loyalty_card_that_fails_the_check_digit_is_kept() -> None:
    assert normalise("card", "4242424242424243", "SE") == "4242424242424243"


@pytest.mark.parametrize(
    "raw",
    [
        *("", "123", "A-1", "0000", "0000 0000", "1111", "99999999", "1234", "12345678"),
        *("1234567890", "0123456789", "1234567890123456", "987654321", "nu-ll", "T E S T"),
        *("kort\x00", "9752\ud8000012", "medlemskört", "7" * 300),
    ],
)
def test_what_is_nobodys_card_never_identifies(raw: str) -> None:
    assert normalise("card", raw, "SE") is None


# Opaque ids


@pytest.mark.parametrize("kind", OPAQUE)
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (" u-4711\n", "u-4711"),
        ("\ufeffu-4711", "u-4711"),
        ("Ab-cD", "Ab-cD"),
        ("7", "7"),
        ("111", "111"),
        ("Anna.Ek+skor@Gmail.com", "Anna.Ek+skor@Gmail.com"),
        ("A\u030asa", "Åsa"),
        ("3F2504E0-4F89-11D3-9A0C-0305E82C3301", "3F2504E0-4F89-11D3-9A0C-0305E82C3301"),
        ("x" * 4 + "y" * 196, "x" * 4 + "y" * 196),
    ],
)
def test_ids_of_other_systems_are_kept_as_they_are(kind: str, raw: str, expected: str) -> None:
    assert normalise(kind, raw, "SE") == expected


@pytest.mark.parametrize("kind", [*OPAQUE, "email", "phone", "card", "external", "receipt"])
@pytest.mark.parametrize(
    "word",
    [
        *("", " ", "null", "NULL", "None", "undefined", "nan", "NaN", "unknown", "Anonymous"),
        *("guest", "test", "TEST", "n/a", "N/A", "-", "--", "0", "-1", "000", "[object Object]"),
        *("true", "False", "(not set)", "okänd", "ukendt", "gäst", "{{user_id}}", "${id}", "<id>"),
    ],
)
def test_a_word_for_nothing_never_identifies(kind: str, word: str) -> None:
    prefix = {"external": "crm:", "receipt": "butik/"}.get(kind, "")
    assert normalise(kind, prefix + word, "SE") is None


NOTHING = [
    *('"null"', "'null'", '""null""', "“null”", '="null"', "`null`", "null null", "null,null"),
    *("undefined undefined", "null;undefined", "NULL|NULL", "null-null", "none/none"),
    *("not_authenticated", "not logged in", "logged_out", "LoggedOut", "notLoggedIn"),
    *(
        "not_set",
        "not-set",
        "(none)",
        "[none]",
        "<none>",
        "Guest User",
        "guestUser",
        "guest-id",
    ),
    *("anonymous user", "anonymousUser", "ANONYMOUS_USER", "Anonym kund", "okänd kund"),
    *(
        "distinct_id",
        "distinctId",
        "$distinct_id",
        "user_id",
        "userId",
        "USER ID",
        "id",
        "email",
    ),
    *(
        "e-mail",
        "customer_id",
        "Kundnummer",
        "phone number",
        "card_number",
        "no email",
        "ej inloggad",
        "finns inte",
    ),
    *("no user", "unknown customer", "user not found", "no id", "true true", "undefined_null"),
    *("#NAME?", "#DIV/0!", "#REF!", "#VALUE!", "#NUM!", "#NULL!", "#N/A", "#SPILL!", "#CALC!"),
    *("#NAMN?", "#VÄRDEFEL!", "#REFERENS!", "#SAKNAS!", "#NAVN?", "#VÆRDI!", "#I/T", "#NIMI?"),
    *("#DIVISION/0!", "#GETTING_DATA", "Err:502", "########", "...", "- -", "( )", "n / a"),
    *("7.35002E+12", "7,35002E+12", "7.35002e+012", '"7.35002E+12"', "7E+12"),
]


@pytest.mark.parametrize("kind", [*OPAQUE, "card", "external", "receipt"])
def test_words_that_say_nothing_never_identify_however_they_are_put(kind: str) -> None:
    prefix = {"external": "crm:", "receipt": "butik/"}.get(kind, "")
    assert [word for word in NOTHING if normalise(kind, prefix + word, "SE") is not None] == []


SOMEBODY = [
    "phone",
    *("no", "in", "ole", "ej", "user1", "user-7", "guest-42", "id:17", "anna user", "test7"),
    *("null-a", "kund 12", "1E5", "12e7", "5E-3", "#17", "#kassa-3", "A!", "0017", "o'hara"),
    *("anonymous-3f2504e0", "notanna", "mailo", "Setter"),
]


@pytest.mark.parametrize("kind", OPAQUE)
def test_an_id_that_only_looks_like_a_word_for_nothing_identifies(kind: str) -> None:
    assert [normalise(kind, one, "SE") for one in SOMEBODY] == SOMEBODY


WORDS = st.sampled_from(sorted(rules._NOTHING))
BETWEEN = st.sampled_from([" ", "_", "-", ",", ";", "/", "|", ", ", "  "])
AROUND = st.sampled_from(["{}", '"{}"', "'{}'", "({})", "[{}]", "<{}>", '="{}"', "“{}”", " {} "])


@given(
    st.lists(WORDS, min_size=1, max_size=4),
    BETWEEN,
    AROUND,
    st.sampled_from([str.upper, str.title, str]),
)
def test_no_words_for_nothing_ever_make_somebody(
    words: list[str], between: str, around: str, case: Callable[[str], str]
) -> None:
    text = around.format(case(between.join(words)))
    assert normalise("user_id", text, "SE") is None


@pytest.mark.parametrize("kind", [*OPAQUE, "card", "external", "receipt"])
@pytest.mark.parametrize(
    "cell", ["0017", '="0017"', "'0017", '"0017"', '""0017""', '\'"0017"', ' ="0017" ', "“0017”"]
)
def test_what_guards_a_number_in_a_spreadsheet_is_not_part_of_it(kind: str, cell: str) -> None:
    prefix = {"external": "crm:", "receipt": "butik/"}.get(kind, "")
    assert normalise(kind, prefix + cell, "SE") == f"{prefix}0017"


@pytest.mark.parametrize("kind", ["user_id", "card", "email", "anonymous_id"])
def test_ids_that_have_lost_a_letter_are_not_taken_for_each_other(kind: str) -> None:
    assert normalise(kind, "kund-\ufffd" + "@example.com" * (kind == "email"), "SE") is None


@pytest.mark.parametrize("kind", OPAQUE)
@pytest.mark.parametrize(
    "raw", ["a\x00b", "a\nb", "a\x7fb", "a\x9fb", "\ud83d", "a\udc00", "é" * 201]
)
def test_an_id_that_is_no_text_or_too_long_has_no_form(kind: str, raw: str) -> None:
    assert normalise(kind, raw, "SE") is None


@pytest.mark.parametrize("kind", ["anonymous_id", "device"])
@pytest.mark.parametrize(
    "raw",
    [
        "00000000-0000-0000-0000-000000000000",
        "00000000000000000000000000000000",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "00:00:00:00:00:00",
        "02:00:00:00:00:00",
        "9774D56D682E549C",
    ],
)
def test_an_id_that_many_devices_report_never_identifies(kind: str, raw: str) -> None:
    assert normalise(kind, raw, "SE") is None


# External ids and receipts


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("crm:4711", "crm:4711"),
        (" CRM : A-4711 ", "crm:A-4711"),
        ("fortnox.se:a:b", "fortnox.se:a:b"),
        ("crm:Åsa", "crm:Åsa"),
    ],
)
def test_external_ids_keep_the_system_that_gave_them(raw: str, expected: str) -> None:
    assert normalise("external", raw, "SE") == expected


@pytest.mark.parametrize(
    "raw", ["4711", "crm:", ":4711", "c r m:4711", "crm:0", "crm:" + "9" * 200]
)
def test_an_external_id_needs_a_system_and_an_id(raw: str) -> None:
    assert normalise("external", raw, "SE") is None


@pytest.mark.parametrize("raw", ["webb/A-1001", "kassa-3/2024/77", "webb/1111111", "Webb/a1"])
def test_receipts_are_kept_as_they_are(raw: str) -> None:
    assert normalise("receipt", f" {raw} ", "SE") == raw


@pytest.mark.parametrize("raw", ["1001", "/1001", "webb/", "webb/undefined", "webb/0", "webb/ "])
def test_a_receipt_needs_a_source_and_an_order(raw: str) -> None:
    assert normalise("receipt", raw, "SE") is None


# Whatever is sent

# Plain random text is hardly ever an address or a number: mix in the pieces that make one.
PIECES = st.sampled_from(
    [
        *("@", ".", "+", "-", "_", " ", "<", ">", ":", "/", "mailto:", "xn--", "\x00", "\ud800"),
        *("gmail.com", "@gmail.com", "@proton.me", "@outlook.com", "@yahoo.se", "@example.com"),
        *("anna", "Åsa", "å", "å", "ß", "İ", "ŉ", "null", "test", "noreply", "crm:", "webb/"),
        *('"', "'", '="', "“", "＂", "null", "user", "E+12", "@na.com", "\ufffd", "ẞ", "ſ", "K"),
        *("070", "+46", "0046", "(0)", "123", "4567", "00", "１２", "٣", "ext", ";ext=", "\u200b"),
        *("\u3000", "\u00a0", "\u2000", "\u0338", "\u1fef", "㎏", "ﬁ", "\U0001d7d8", "ʼ"),
    ]
)
ANYTHING = st.one_of(
    st.text(st.characters(), max_size=40),
    st.lists(st.one_of(PIECES, st.text(st.characters(), max_size=3)), max_size=8).map("".join),
    st.emails(),
    st.from_regex(r"\A\+?[0-9 ()-]{5,20}\Z"),
)
COUNTRIES = st.one_of(st.sampled_from(["SE", "DK", "NO", "FI", "GB", "US"]), st.text(max_size=3))


@pytest.mark.parametrize("kind", KINDS)
@unhurried
@given(raw=ANYTHING, country=COUNTRIES)
def test_a_normal_form_is_its_own_normal_form(kind: str, raw: str, country: str) -> None:
    form = normalise(kind, raw, country)
    if form is not None:
        assert normalise(kind, form, country) == form
        assert form
        assert form == form.strip()
        form.encode()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("character", ["a", " ", "@", "<", "0", "å", "\u0338", "\u3000", "-", "."])
def test_a_hostile_length_is_refused_at_once(kind: str, character: str) -> None:
    assert normalise(kind, character * 1_000_000, "SE") is None


@unhurried
@given(raw=ANYTHING)
def test_white_space_around_an_identifier_says_nothing(raw: str) -> None:
    for kind in KINDS:
        assert normalise(kind, f" \t{raw}\r\n", "SE") == normalise(kind, raw, "SE")
