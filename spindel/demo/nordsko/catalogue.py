"""Nordsko's shoes and stores."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

VAT = Decimal("0.25")  # the standard rate, the same in Sweden and in Denmark
CENT = Decimal("0.01")

_ASCII = str.maketrans("åäæöøéüÅÄÆÖØ", "aaaooeuAAAOO")


def ascii_slug(name: str) -> str:
    return name.translate(_ASCII).lower().replace(" ", "-")


@dataclass(frozen=True)
class Variant:
    product_id: str
    sku: str
    gtin: str
    size: int
    colour: str
    image_url: str

    @property
    def name(self) -> str:
        return f"size {self.size} / {self.colour}"


@dataclass(frozen=True)
class Product:
    id: str
    name: str
    brand: str
    category: str
    audience: str
    price_sek: Decimal
    price_dkk: Decimal
    vat: Decimal
    sizes: range
    colours: tuple[str, ...]
    variants: tuple[Variant, ...]
    url: str
    image_url: str

    def price(self, currency: str) -> Decimal:
        return {"SEK": self.price_sek, "DKK": self.price_dkk}[currency]

    def variant(self, size: int, colour: str) -> Variant:
        """The variant in this size, or in the nearest that the model is made in."""
        nearest = min(max(size, self.sizes[0]), self.sizes[-1])
        return self.variants[self.colours.index(colour) * len(self.sizes) + nearest - self.sizes[0]]


COLOURS = {
    "black": "BLK",
    "white": "WHT",
    "navy": "NVY",
    "cognac": "COG",
    "brown": "BRN",
    "sand": "SND",
    "olive": "OLV",
    "grey": "GRY",
    "red": "RED",
    "cream": "CRM",
    "yellow": "YEL",
    "teal": "TEA",
}

SIZES = {
    "women": range(36, 43),
    "men": range(40, 47),
    "unisex": range(36, 47),
    "kids": range(26, 36),
}

BRANDS = {
    "Sneakers": "Nordsko",
    "Boots": "Nordsko",
    "Sandals": "Nordsko",
    "Slippers": "Nordsko",
    "Loafers": "Kattegat",
    "Pumps": "Kattegat",
    "Rain boots": "Kattegat",
    "Hiking": "Myrmark",
    "Running": "Myrmark",
    "Kids": "Småfot",
}

# name, category, audience, price in SEK, colours
_MODELS = (
    ("Vinga", "Sneakers", "unisex", 1299, "black white navy"),
    ("Marstrand", "Sneakers", "unisex", 1199, "white navy"),
    ("Øresund", "Sneakers", "unisex", 1399, "grey navy olive"),
    ("Haga", "Sneakers", "women", 999, "white cream red"),
    ("Majorna", "Sneakers", "unisex", 899, "black white"),
    ("Nørrebro", "Sneakers", "men", 1299, "black olive"),
    ("Slussen", "Sneakers", "women", 1099, "white sand"),
    ("Vesterbro", "Sneakers", "men", 1199, "white grey"),
    ("Hönö", "Sneakers", "unisex", 799, "navy sand"),
    ("Styrsö", "Sneakers", "women", 899, "cream teal"),
    ("Amager", "Sneakers", "men", 999, "black grey navy"),
    ("Linné", "Sneakers", "women", 1499, "white black"),
    ("Kiruna", "Boots", "unisex", 2499, "black brown"),
    ("Åre", "Boots", "women", 2199, "black cognac"),
    ("Skagen", "Boots", "men", 1999, "brown black"),
    ("Dalarna", "Boots", "women", 1799, "cognac brown"),
    ("Lofoten", "Boots", "unisex", 2799, "black"),
    ("Tromsø", "Boots", "women", 2399, "black grey"),
    ("Visby", "Boots", "women", 1699, "black sand cognac"),
    ("Rømø", "Boots", "men", 1899, "cognac black"),
    ("Nordkap", "Boots", "men", 2599, "brown"),
    ("Brahe", "Boots", "women", 1999, "black red"),
    ("Bornholm", "Sandals", "women", 799, "cognac black sand"),
    ("Tylösand", "Sandals", "women", 699, "sand cognac"),
    ("Falsterbo", "Sandals", "women", 899, "black cream"),
    ("Møn", "Sandals", "unisex", 749, "brown black"),
    ("Smögen", "Sandals", "men", 849, "brown navy"),
    ("Ven", "Sandals", "unisex", 599, "black olive"),
    ("Käringön", "Sandals", "women", 999, "cognac"),
    ("Gilleleje", "Sandals", "women", 649, "red sand"),
    ("Lund", "Loafers", "men", 1499, "brown black"),
    ("Uppsala", "Loafers", "women", 1399, "black cognac"),
    ("Aarhus", "Loafers", "men", 1599, "cognac black navy"),
    ("Djurgården", "Loafers", "women", 1599, "black cream"),
    ("Roskilde", "Loafers", "women", 1299, "brown black"),
    ("Skeppsbron", "Loafers", "men", 1799, "black"),
    ("Nyhavn", "Pumps", "women", 1299, "black red"),
    ("Strandvägen", "Pumps", "women", 1499, "black cream"),
    ("Avenyn", "Pumps", "women", 1199, "black navy"),
    ("Strøget", "Pumps", "women", 1399, "red sand"),
    ("Sarek", "Hiking", "unisex", 2299, "brown olive"),
    ("Kebnekaise", "Hiking", "unisex", 2899, "grey"),
    ("Padjelanta", "Hiking", "women", 2199, "teal grey"),
    ("Rondane", "Hiking", "men", 2399, "olive brown"),
    ("Abisko", "Hiking", "unisex", 1899, "grey red"),
    ("Kullaberg", "Hiking", "unisex", 1699, "olive black"),
    ("Slottsskogen", "Running", "unisex", 1499, "black yellow"),
    ("Tiveden", "Running", "women", 1599, "teal grey"),
    ("Dyrehaven", "Running", "men", 1599, "navy yellow"),
    ("Änggården", "Running", "unisex", 1299, "grey red"),
    ("Bohuslän", "Rain boots", "unisex", 899, "navy yellow olive"),
    ("Ystad", "Rain boots", "women", 799, "black red"),
    ("Esbjerg", "Rain boots", "men", 849, "olive black"),
    ("Fanø", "Rain boots", "women", 749, "yellow teal"),
    ("Sovmorgon", "Slippers", "unisex", 499, "grey cream"),
    ("Kakelugn", "Slippers", "unisex", 599, "grey brown"),
    ("Igelkott", "Kids", "kids", 599, "navy red"),
    ("Blåbär", "Kids", "kids", 549, "navy teal"),
    ("Kastanj", "Kids", "kids", 799, "brown black"),
    ("Grodan", "Kids", "kids", 399, "olive yellow"),
    ("Pytt", "Kids", "kids", 499, "white red"),
    ("Snölykta", "Kids", "kids", 899, "black teal"),
)


def gtin13(digits: str) -> str:
    """Twelve digits with their check digit."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-weighted % 10)


def _product(
    number: int, name: str, category: str, audience: str, sek: int, colours: list[str]
) -> Product:
    slug = ascii_slug(name)
    # Numbers that start with 20 are a company's own and never on another company's goods.
    variants = tuple(
        Variant(
            product_id=slug,
            sku=f"{slug.upper()}-{COLOURS[colour]}-{size}",
            gtin=gtin13(f"20{number:06d}{place}{size:03d}"),
            size=size,
            colour=colour,
            image_url=f"/shop/img/{slug}-{colour}.svg",
        )
        for place, colour in enumerate(colours)
        for size in SIZES[audience]
    )
    return Product(
        id=slug,
        name=name,
        brand=BRANDS[category],
        category=category,
        audience=audience,
        price_sek=Decimal(sek).quantize(CENT),
        # Danish prices are set on their own ladder, not by the day's rate.
        price_dkk=Decimal(round(sek * 0.66 / 50) * 50 - 1).quantize(CENT),
        vat=VAT,
        sizes=SIZES[audience],
        colours=tuple(colours),
        variants=variants,
        url=f"/shop/products/{slug}",
        image_url=variants[0].image_url,
    )


PRODUCTS = tuple(
    _product(number, name, category, audience, sek, colours.split())
    for number, (name, category, audience, sek, colours) in enumerate(_MODELS, start=101)
)
PRODUCT = {product.id: product for product in PRODUCTS}


def vat_within(amount: Decimal) -> Decimal:
    return (amount * VAT / (1 + VAT)).quantize(CENT, ROUND_HALF_UP)


Hours = tuple[time, time]


@dataclass(frozen=True)
class SpecialDay:
    month: int
    day: int
    name: str
    hours: Hours | None


@dataclass(frozen=True)
class Store:
    slug: str
    code: str
    name: str
    address: str
    postal_code: str
    city: str
    country: str
    latitude: float
    longitude: float
    timezone: str
    opening_hours: tuple[Hours | None, ...]
    special_days: tuple[SpecialDay, ...]

    @property
    def currency(self) -> str:
        return "DKK" if self.country == "DK" else "SEK"

    def hours_on(self, day: date) -> Hours | None:
        """Opening and closing in the store's own time, or None on a day when it is closed."""
        for special in self.special_days:
            if (special.month, special.day) == (day.month, day.day):
                return special.hours
        return self.opening_hours[day.weekday()]

    def closing_after(self, day: date) -> datetime:
        """When the first open day after this one ends: what "until tomorrow" means here."""
        following = day + timedelta(days=1)
        while (hours := self.hours_on(following)) is None:
            following += timedelta(days=1)
        return datetime.combine(following, hours[1], ZoneInfo(self.timezone))


def _hours(opens: int, closes: int) -> Hours:
    return time(opens), time(closes)


_SWEDEN = (
    SpecialDay(1, 1, "Nyårsdagen", None),
    SpecialDay(1, 6, "Trettondedag jul", _hours(11, 17)),
    SpecialDay(5, 1, "Första maj", _hours(11, 16)),
    SpecialDay(6, 6, "Sveriges nationaldag", _hours(11, 16)),
    SpecialDay(12, 23, "Dagen före julafton", _hours(10, 20)),
    SpecialDay(12, 24, "Julafton", _hours(10, 13)),
    SpecialDay(12, 25, "Juldagen", None),
    SpecialDay(12, 26, "Annandag jul", _hours(11, 18)),
    SpecialDay(12, 31, "Nyårsafton", _hours(10, 15)),
)
_DENMARK = (
    SpecialDay(1, 1, "Nytårsdag", None),
    SpecialDay(6, 5, "Grundlovsdag", None),
    SpecialDay(12, 23, "Lillejuleaften", _hours(10, 20)),
    SpecialDay(12, 24, "Juleaften", None),
    SpecialDay(12, 25, "Juledag", None),
    SpecialDay(12, 26, "Anden juledag", None),
    SpecialDay(12, 31, "Nytårsaften", _hours(10, 14)),
)
_SWEDISH_WEEK = (*(_hours(10, 19),) * 5, _hours(10, 18), _hours(11, 17))
_DANISH_WEEK = (*(_hours(10, 18),) * 4, _hours(10, 19), _hours(10, 17), _hours(11, 16))
_SMALL_STORE_WEEK = (*(_hours(10, 18),) * 5, _hours(10, 16), None)

STORES = (
    Store(
        slug="goteborg-vallgatan",
        code="GBG1",
        name="Nordsko Vallgatan",
        address="Vallgatan 24",
        postal_code="411 16",
        city="Göteborg",
        country="SE",
        latitude=57.7046,
        longitude=11.9643,
        timezone="Europe/Stockholm",
        opening_hours=_SWEDISH_WEEK,
        special_days=_SWEDEN,
    ),
    Store(
        slug="goteborg-linne",
        code="GBG2",
        name="Nordsko Linné",
        address="Linnégatan 31",
        postal_code="413 04",
        city="Göteborg",
        country="SE",
        latitude=57.6951,
        longitude=11.9512,
        timezone="Europe/Stockholm",
        opening_hours=_SMALL_STORE_WEEK,
        special_days=_SWEDEN,
    ),
    Store(
        slug="stockholm-drottninggatan",
        code="STO1",
        name="Nordsko Drottninggatan",
        address="Drottninggatan 59",
        postal_code="111 21",
        city="Stockholm",
        country="SE",
        latitude=59.3339,
        longitude=18.0613,
        timezone="Europe/Stockholm",
        opening_hours=_SWEDISH_WEEK,
        special_days=_SWEDEN,
    ),
    Store(
        slug="stockholm-gotgatan",
        code="STO2",
        name="Nordsko Götgatan",
        address="Götgatan 44",
        postal_code="118 26",
        city="Stockholm",
        country="SE",
        latitude=59.3146,
        longitude=18.0733,
        timezone="Europe/Stockholm",
        opening_hours=_SMALL_STORE_WEEK,
        special_days=_SWEDEN,
    ),
    Store(
        slug="kobenhavn-kobmagergade",
        code="CPH1",
        name="Nordsko Købmagergade",
        address="Købmagergade 47",
        postal_code="1150",
        city="København",
        country="DK",
        latitude=55.6808,
        longitude=12.5766,
        timezone="Europe/Copenhagen",
        opening_hours=_DANISH_WEEK,
        special_days=_DENMARK,
    ),
)
STORE = {store.slug: store for store in STORES}
