"""Who shops at Nordsko: names, addresses, devices, feet."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from spindel.demo.nordsko.catalogue import STORE, Product, Store, Variant, ascii_slug


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


WOMEN = {
    "sv-SE": _words(
        "Anna Maria Eva Karin Kristina Lena Sara Emma Ida Elin Hanna Linnéa Johanna Malin Jenny "
        "Sofia Åsa Ulrika Annika Susanne Camilla Helena Monica Frida Josefin Moa Ebba Alva Wilma "
        "Saga Stina Agnes Tuva Elsa Lovisa Klara Märta Ingrid Birgitta Gunilla Kerstin Marianne "
        "Åse Siv Ylva Tove Amanda Matilda Felicia Nora Selma Fatima Leila Zahra Amina Jasmin "
        "Anna-Karin Ann-Sofie Eva-Lena Britt-Marie Rose-Marie Lisa-Marie"
    ),
    "da-DK": _words(
        "Mette Anne Hanne Kirsten Lone Pia Gitte Tina Charlotte Louise Camilla Trine Maja Freja "
        "Ida Clara Laura Emma Sofie Cecilie Signe Astrid Karen Inger Bodil Rikke Dorthe Sanne "
        "Maiken Bjørk Åse Søs Asta Ellen Alma Liv Nanna Caroline Mille Ayşe Ann-Britt Anne-Mette "
        "Anne-Marie Else-Marie"
    ),
    "en-GB": _words(
        "Olivia Emily Grace Charlotte Sophie Lucy Hannah Rachel Siobhán Niamh Aoife Fiona Heather "
        "Imogen Priya Zoë Chloë Mary-Ann Abigail Rebecca"
    ),
}
MEN = {
    "sv-SE": _words(
        "Lars Karl Anders Johan Per Erik Mikael Jan Fredrik Peter Magnus Björn Göran Håkan Åke "
        "Sören Jörgen Mats Stefan Daniel Andreas Jonas Mattias Henrik Marcus Martin Thomas Oskar "
        "Viktor Emil Filip Albin Hugo Elias Axel Gustav Nils Olof Sven Ulf Leif Kjell Rune Love "
        "Melker Sixten Tage Viggo Ali Omar Hassan Yusuf Mehmet Milan Goran Lars-Erik Karl-Johan "
        "Jan-Olof Per-Anders Sven-Åke Carl-Gustaf"
    ),
    "da-DK": _words(
        "Jens Lars Søren Niels Hans Michael Henrik Jesper Jørgen Morten Rasmus Anders Mikkel "
        "Frederik Emil Magnus Mads Kasper Thomas Christian Bjørn Børge Preben Flemming Torben "
        "Bent Kaj Åge Villads Noah Oscar Malthe Asger Storm Tobias Ørnulf Ahmed Hans-Jørgen "
        "Karl-Emil Jens-Peter Niels-Ole"
    ),
    "en-GB": _words(
        "James Oliver Harry George Jack William Seán Ciarán Callum Ewan Rhys Owen Arjun Samuel "
        "Edward Nathan Liam Connor Jean-Paul Gareth"
    ),
}
FAMILY = {
    "sv-SE": _words(
        "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson "
        "Pettersson Jonsson Jansson Hansson Bengtsson Jönsson Lindberg Jakobsson Magnusson "
        "Lindström Olofsson Lindqvist Lindgren Berg Axelsson Bergström Lundberg Lind Lundgren "
        "Lundqvist Mattsson Berglund Fredriksson Sandberg Henriksson Forsberg Sjöberg Wallin "
        "Engström Eklund Danielsson Lundin Håkansson Björk Bergman Gunnarsson Holm Wikström "
        "Samuelsson Isaksson Fransson Bergqvist Nyström Holmberg Arvidsson Löfgren Söderberg "
        "Nyberg Blomqvist Claesson Nordström Mårtensson Lundström Ek Hermansson Björklund Åberg "
        "Åkesson Åström Ågren Öberg Öhman Östlund Ekström Hedlund Sandström Söderström Strömberg "
        "Sjögren Dahl Hellström Norberg Ström Höglund Falk Rask Kvist Modig Hård Stålberg Grön "
        "Hägg Törnqvist Hassan Ahmed Yılmaz Petrović Kovačević Nguyen"
    ),
    "da-DK": _words(
        "Nielsen Jensen Hansen Pedersen Andersen Christensen Larsen Sørensen Rasmussen Jørgensen "
        "Petersen Madsen Kristensen Olsen Thomsen Christiansen Poulsen Johansen Møller Mortensen "
        "Knudsen Jakobsen Mikkelsen Frederiksen Laursen Lund Holm Schmidt Eriksen Kristiansen "
        "Clausen Simonsen Svendsen Andreasen Iversen Jeppesen Vestergaard Østergaard Nørgaard "
        "Kjær Bjerregaard Dalgaard Søndergaard Ødegaard Ågård Krogh Brøndum Skov Bæk Bech Friis "
        "Winther Hald Juul Toft Rønne Kærgaard Yıldız"
    ),
    "en-GB": _words(
        "Smith Jones Taylor Brown Davies Evans Wilson Thomas Roberts Walker Wright Thompson Hughes "
        "Green Hall Wood Clarke Murphy O'Brien O'Connor O'Neill D'Arcy M'Bala Fitzgerald MacLeod "
        "Patel Shah Khan Campbell Stewart"
    ),
}


class Place(NamedTuple):
    city: str
    country: str
    first_postal_code: int
    postal_codes: int
    store: str
    share: int


PLACES = (
    Place("Göteborg", "SE", 41101, 700, "goteborg-vallgatan", 17),
    Place("Göteborg", "SE", 41301, 25, "goteborg-linne", 5),
    Place("Mölndal", "SE", 43130, 60, "goteborg-vallgatan", 3),
    Place("Kungsbacka", "SE", 43430, 60, "goteborg-vallgatan", 2),
    Place("Borås", "SE", 50630, 90, "goteborg-vallgatan", 2),
    Place("Stockholm", "SE", 11120, 600, "stockholm-drottninggatan", 13),
    Place("Stockholm", "SE", 11620, 300, "stockholm-gotgatan", 5),
    Place("Uppsala", "SE", 75310, 200, "stockholm-drottninggatan", 3),
    Place("Västerås", "SE", 72210, 150, "", 2),
    Place("Malmö", "SE", 21110, 500, "kobenhavn-kobmagergade", 5),
    Place("Lund", "SE", 22220, 200, "kobenhavn-kobmagergade", 3),
    Place("Linköping", "SE", 58220, 120, "", 2),
    Place("Örebro", "SE", 70210, 150, "", 2),
    Place("Umeå", "SE", 90320, 90, "", 2),
    Place("Luleå", "SE", 97230, 60, "", 1),
    Place("Åmål", "SE", 66230, 10, "", 1),
    Place("København", "DK", 1050, 1400, "kobenhavn-kobmagergade", 15),
    Place("Frederiksberg", "DK", 1800, 200, "kobenhavn-kobmagergade", 3),
    Place("Roskilde", "DK", 4000, 1, "kobenhavn-kobmagergade", 2),
    Place("Helsingør", "DK", 3000, 1, "kobenhavn-kobmagergade", 2),
    Place("Odense", "DK", 5000, 1, "", 3),
    Place("Aarhus", "DK", 8000, 1, "", 5),
    Place("Aalborg", "DK", 9000, 1, "", 2),
    Place("Rønne", "DK", 3700, 1, "", 1),
)
_PLACE_SHARES = [place.share for place in PLACES]

STREETS = {
    "SE": _words(
        "Storgatan Kyrkogatan Skolgatan Björkvägen Ringvägen Parkgatan Trädgårdsgatan Nygatan "
        "Ängsvägen Strandgatan Östra_Hamngatan Västra_Ågatan Kungsgatan Drottninggatan Skogsvägen "
        "Älvgatan Tallvägen Södra_Vägen Lilla_Torget Åsgatan Prästgårdsgatan Sjövägen Bergsgatan "
        "Hantverkargatan Fiskaregatan"
    ),
    "DK": _words(
        "Nørregade Søndergade Vestergade Østergade Algade Skolevej Kirkevej Strandvejen Møllevej "
        "Engvej Skovvej Bakkevej Åboulevarden Ågade Havnegade Sankt_Jakobs_Gade Lærkevej "
        "Elmegade Griffenfeldsgade Birkevej Torvegade Store_Kongensgade"
    ),
}

IPHONES = ("iPhone13,2", "iPhone14,5", "iPhone15,2", "iPhone16,1", "iPhone17,3")
ANDROIDS = ("SM-S911B", "SM-A546B", "Pixel 7a", "Pixel 8", "moto g84 5G")

USER_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
)


def uuid(dice: Random) -> str:
    digits = f"{dice.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


class Browser(NamedTuple):
    anonymous_id: str
    user_agent: str


class Device(NamedTuple):
    anonymous_id: str
    type: str
    model: str
    token: str


@dataclass(eq=False, slots=True)
class Person:
    locale: str
    country: str
    woman: bool
    foot: int
    browsers: list[Browser]
    store: Store | None = None
    # Nobody else than a named customer has what follows.
    number: int = 0
    first_name: str = ""
    last_name: str = ""
    emails: list[str] = field(default_factory=list)
    phone: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    birthday: date | None = None
    child: int | None = None
    user_id: str = ""
    card: str = ""
    app: Device | None = None
    shares_browser: bool = False
    mail_bounces: bool = False
    mail_habit: float = 0.0
    changes_to: tuple[str, str] | None = None
    wish: Variant | None = None

    @property
    def currency(self) -> str:
        return "DKK" if self.country == "DK" else "SEK"

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def is_plain(self) -> bool:
        """Nothing about this person tells of a case: a new name, a shared computer, lost mail."""
        return not (self.changes_to or self.shares_browser or self.mail_bounces)

    def fitting(self, product: Product, years: float) -> int:
        """Children's feet grow a size and a half a year."""
        if product.audience == "kids":
            return (self.child or 30) + int(years * 1.5)
        return self.foot

    def traits(self, email: str) -> dict[str, object]:
        traits: dict[str, object] = {
            "email": email,
            "phone": _as_typed(self.phone, self.number),
            "first_name": self.first_name,
            "last_name": self.last_name,
            "name": self.name,
            "address": {
                "street": self.street,
                "postal_code": self.postal_code,
                "city": self.city,
                "country": self.country,
            },
            "language": self.locale[:2],
        }
        if self.card:
            traits["card"] = self.card
        if self.birthday:
            traits["birthday"] = self.birthday.isoformat()
        return traits


def _as_typed(phone: str, number: int) -> str:
    """What one person in ten writes in a form."""
    code, local = phone[:3], phone[3:]
    if number % 10 != 2:
        return phone
    if code == "+46":
        return f"0{local[:2]}-{local[2:5]} {local[5:7]} {local[7:]}"
    return f"{code} {local[:2]} {local[2:4]} {local[4:6]} {local[6:]}"


def stranger(dice: Random) -> Person:
    """A visitor who never says who she is."""
    locale = dice.choice(("sv-SE", "sv-SE", "sv-SE", "da-DK", "en-GB"))
    woman = dice.random() < 0.6
    return Person(
        locale=locale,
        country="DK" if locale == "da-DK" else "SE",
        woman=woman,
        foot=_foot(dice, woman),
        browsers=[Browser(uuid(dice), dice.choice(USER_AGENTS))],
    )


def anna(dice: Random, today: date) -> Person:
    return Person(
        locale="sv-SE",
        country="SE",
        woman=True,
        foot=38,
        browsers=[
            Browser("6f0d1c52-8e0b-4f7e-a1c4-2b7a90c1d038", USER_AGENTS[0]),
            Browser("b3a94e07-51d6-4c19-a6f2-0d8e7f63a138", USER_AGENTS[3]),
        ],
        store=STORE["goteborg-vallgatan"],
        number=1001,
        first_name="Anna",
        last_name="Åkesson-Lind",
        emails=["anna@example.com"],
        phone="+46701740605",
        street="Östra Hamngatan 12",
        postal_code="411 09",
        city="Göteborg",
        birthday=date(today.year - 41, 5, 17),
        child=29,
        user_id="u-1001",
        card="NK 1001",
        app=Device("0a7c5e13-9d42-4b86-a5e0-77f1c2d4e938", "ios", IPHONES[2], "e7b1" * 16),
        mail_habit=0.6,
    )


def everyone(dice: Random, count: int, today: date) -> list[Person]:
    """Anna first, then the other customers; a few dozen households share a browser."""
    swedish, danish = _swedish_mobiles(), _danish_mobiles()
    next(swedish)  # Anna's
    people = [anna(dice, today)]
    taken = set(people[0].emails)
    for number in range(1002, 1001 + count):
        place = dice.choices(PLACES, _PLACE_SHARES)[0]
        phones = danish if place.country == "DK" else swedish
        person = _customer(dice, number, place, next(phones), taken, today)
        if dice.random() < 0.03:
            married = f"{dice.choice(FAMILY[person.locale])}-{person.last_name.split('-')[-1]}"
            person.changes_to = dice.choice(
                ((married, person.phone), (person.last_name, next(phones)))
            )
        people.append(person)
    for one, other in zip(people[60::80], people[61::80], strict=False):
        _move_in(one, other)
    return people


def _customer(
    dice: Random, number: int, place: Place, phone: str, taken: set[str], today: date
) -> Person:
    at_home = "da-DK" if place.country == "DK" else "sv-SE"
    locale = "en-GB" if dice.random() < 0.05 else at_home
    woman = dice.random() < 0.6
    first_name = dice.choice((WOMEN if woman else MEN)[locale])
    last_name = dice.choice(FAMILY[locale])
    if woman and dice.random() < 0.06:
        last_name = f"{last_name}-{dice.choice(FAMILY[at_home])}"
    person = Person(
        locale=locale,
        country=place.country,
        woman=woman,
        foot=_foot(dice, woman),
        browsers=[
            Browser(uuid(dice), dice.choice(USER_AGENTS))
            for _ in range(dice.choice((1, 1, 1, 1, 2, 2, 3)))
        ],
        store=STORE[place.store] if place.store else None,
        number=number,
        first_name=first_name,
        last_name=last_name,
        phone=phone,
        street=f"{dice.choice(STREETS[place.country])} {dice.randint(1, 94)}",
        postal_code=_postal_code(place, dice.randrange(place.postal_codes)),
        city=place.city,
        mail_bounces=dice.random() < 0.01,
        mail_habit=dice.betavariate(1.2, 2),
    )
    person.emails = [_email(dice, person, taken)]
    if dice.random() < 0.08:
        person.emails.append(_email(dice, person, taken))
    if dice.random() < 0.04:
        person.birthday = today - timedelta(days=dice.randint(18 * 365, 78 * 365))
    if dice.random() < 0.25:
        person.child = dice.randint(26, 32)
    # Without an account: some only ever come to the store, some buy online as guests.
    if dice.random() < 0.78 or not person.store:
        if dice.random() < 0.88:
            person.user_id = f"u-{number}"
            if dice.random() < 0.35:
                person.app = _device(dice)
    else:
        person.browsers = []
    if person.store and dice.random() < 0.7:
        person.card = f"NK {number}"
    return person


def _foot(dice: Random, woman: bool) -> int:
    middle, smallest, largest = (38.5, 36, 42) if woman else (43.0, 40, 46)
    return min(max(round(dice.gauss(middle, 1.3)), smallest), largest)


def _postal_code(place: Place, number: int) -> str:
    code = f"{place.first_postal_code + number}"
    return f"{code[:3]} {code[3:]}" if place.country == "SE" else code


def _email(dice: Random, person: Person, taken: set[str]) -> str:
    """One of the ways people make up an address, at the domains that nobody can own."""
    first, last = (
        "".join(letter for letter in ascii_slug(name) if letter.isascii() and letter.isalpha())
        for name in (person.first_name, person.last_name)
    )
    domain = dice.choice(("com", "com", "org", "dk" if person.country == "DK" else "se"))
    local = dice.choice((f"{first}.{last}", f"{first}.{last}", f"{first}{last[0]}", first))
    if dice.random() < 0.02:
        local += "+nordsko"
    if f"{local}@example.{domain}" in taken:
        local = local.replace("+nordsko", "") + str(person.number)
    email = f"{local}@example.{domain}"
    taken.add(email)
    return f"{local.title()}@Example.{domain}" if dice.random() < 0.02 else email


def _device(dice: Random) -> Device:
    kind, models = dice.choice((("ios", IPHONES), ("ios", IPHONES), ("android", ANDROIDS)))
    return Device(uuid(dice), kind, dice.choice(models), f"{dice.getrandbits(256):064x}")


def _move_in(one: Person, other: Person) -> None:
    """The other comes to live with the one, and uses the computer on the kitchen table."""
    if not (one.user_id and other.user_id):
        return
    other.country, other.store = one.country, one.store
    other.street, other.postal_code, other.city = one.street, one.postal_code, one.city
    other.browsers = [one.browsers[0]]
    one.browsers = one.browsers[:1]
    one.shares_browser = other.shares_browser = True


def _swedish_mobiles() -> Iterator[str]:
    """First the numbers set aside for film and print. They do not suffice for thousands of people:
    those beyond are made up, and nothing is ever sent from the demo's data."""
    for number in range(605, 700):
        yield f"+46701740{number}"
    for number in range(10_000_000):
        # A step without a common factor visits every number once, in no visible order.
        digits = (number * 3_141_593 + 2_718_281) % 10_000_000
        yield f"+46{(72, 76, 79)[digits % 3]}{digits:07d}"


def _danish_mobiles() -> Iterator[str]:
    """Denmark sets none aside: all are made up."""
    for number in range(1_000_000):
        digits = (number * 314_159 + 271_828) % 1_000_000
        yield f"+45{(26, 27, 28)[digits % 3]}{digits:06d}"
