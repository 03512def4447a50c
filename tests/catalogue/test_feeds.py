"""Files of products: taken in again and again, with what can't be taken told of."""

from __future__ import annotations

import contextlib
import io
import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spindel.catalogue.feed_items import Mended
from spindel.catalogue.feeds import Feed
from spindel.catalogue.importing import Report, import_feed
from spindel.catalogue.models import Price, Product, Variant
from spindel.catalogue.pricing import PriceNow
from spindel.catalogue.reading import prices_now
from spindel.kit.tables import Unreadable
from tests.catalogue.goods import OWN

pytestmark = pytest.mark.django_db


TSV = (
    "id\titem group id\ttitle\tdescription\tbrand\tproduct type\tgtin\tsize\tcolor\tprice"
    "\tsale price\tsale price effective date\tavailability\n"
    "V-38\tvinga\tVinga\tMjuk.\tNordsko\tShoes > Sneakers\t4006381333931\t38\tsvart\t1299.00 SEK"
    "\t999.00 SEK\t2026-01-01T00:00+0100/2036-01-01T00:00+0100\tin stock\n"
    "V-39\tvinga\tVinga\tMjuk.\tNordsko\tShoes > Sneakers\t\t39\tsvart\t1299.00 SEK\t\t\t\n"
)

XML = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Nordsko</title>
<item><title>Sko &amp; mer</title><g:title>Vinga</g:title><g:id>V-38</g:id>
<g:item_group_id>vinga</g:item_group_id><g:size>38</g:size><g:color>svart</g:color>
<g:image_link>https://shop.example/1.jpg</g:image_link>
<g:additional_image_link>https://shop.example/2.jpg</g:additional_image_link>
<g:additional_image_link>https://shop.example/3.jpg</g:additional_image_link>
<g:price>1299.00 SEK</g:price><g:gtin>4006381333931</g:gtin></item>
<item><title>Vinga</title><g:id>V-39</g:id><g:item_group_id>vinga</g:item_group_id>
<g:size>39</g:size><g:color>svart</g:color><g:price>1299.00 SEK</g:price></item>
</channel></rss>"""


def take(text: str | bytes, full: bool = False, remove_at_most: int = 100, **how: str) -> Report:
    data = text.encode() if isinstance(text, str) else text
    feed = Feed(**how)
    return import_feed(io.BytesIO(data), feed, full=full, remove_at_most=remove_at_most)


def cost(sku: str, market: str = "SE", currency: str = "SEK") -> PriceNow:
    id = Variant.objects.get(sku=sku).pk
    return prices_now([id])[id][market, currency]


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spindels_own_columns(mark: str, delimiter: str) -> None:
    report = take(mark + OWN.replace('"1299,50"', "1299.50").replace(",", delimiter))
    assert (report.rows, report.created, report.refused, report.ignored) == (3, 2, [], [])
    vinga = Product.objects.get(number="vinga")
    assert vinga.names == {"sv": "Vinga", "da": "Vinga (da)"}
    assert (vinga.brand, vinga.categories, vinga.vat) == ("Nordsko", ["Sneakers", "New"], 2500)
    assert Variant.objects.get(sku="V-38").gtin == "04006381333931"
    assert [cost("V-38"), cost("V-39")] == [PriceNow(129900), PriceNow(129950)]
    assert cost("V-39", "DK", "DKK") == PriceNow(89900)
    assert Product.objects.get(number="haga").vat == 600


@pytest.mark.parametrize("text", [OWN, TSV, XML], ids=["own", "tsv", "xml"])
def test_a_feed_taken_again_changes_nothing(text: str) -> None:
    first = take(text)
    before = list(Price.objects.order_by("pk").values_list())
    again = take(text, full=True)
    assert (again.created, again.changed, again.unchanged) == (0, 0, first.created)
    assert again.removed == 0
    assert list(Price.objects.order_by("pk").values_list()) == before


def test_googles_feed_with_tabs() -> None:
    assert take(TSV).refused == []
    vinga = Product.objects.get()
    assert (vinga.number, vinga.names, vinga.texts) == ("vinga", {"sv": "Vinga"}, {"sv": "Mjuk."})
    assert vinga.categories == ["Shoes > Sneakers"]
    assert Variant.objects.get(sku="V-38").options == {"size": "38", "colour": "svart"}
    assert cost("V-38") == PriceNow(99900, was=129900)
    assert cost("V-39") == PriceNow(129900)
    assert Price.objects.get(sale=True).until == datetime(2035, 12, 31, 23, tzinfo=UTC)


def test_googles_feed_as_xml() -> None:
    assert take(XML).refused == []
    assert Product.objects.get().names == {"sv": "Vinga"}
    assert [url[-5:] for url in Variant.objects.get(sku="V-38").pictures] == [
        "1.jpg",
        "2.jpg",
        "3.jpg",
    ]
    assert cost("V-38") == PriceNow(129900)


def test_atom_is_read_like_rss() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
    <entry><title>Vinga</title><g:id>V-38</g:id><g:price>1299.00 SEK</g:price></entry></feed>"""
    assert take(atom).created == 1


def test_language_and_market_are_those_that_were_said() -> None:
    take(TSV.replace("SEK", "DKK"), language="da", market="DK")
    assert Product.objects.get().names == {"da": "Vinga"}
    assert cost("V-39", "DK", "DKK") == PriceNow(129900)


def test_a_sale_that_is_gone_from_the_feed_ends() -> None:
    take(TSV)
    take(TSV.replace("999.00 SEK\t2026-01-01T00:00+0100/2036-01-01T00:00+0100", "\t"))
    assert cost("V-38") == PriceNow(129900)


def test_a_sale_that_is_over_writes_nothing_again() -> None:
    over = TSV.replace("2036-", "2026-02-").replace("-02-01-01T", "-02-01T")
    take(over)
    again = take(over)
    assert (again.changed, again.unchanged, again.refused) == (0, 1, [])


@pytest.mark.parametrize(
    ("cell", "by", "why"),
    [
        ("4006381333931", "4006381333932", "check digit"),
        ("899.00 DKK", "cheap", "1299.00 SEK"),
        ("1299,vinga", "1299", "cells"),
        (",25,", ",much,", "VAT"),
        ("V-38", "", "SKU"),
        ("V-39", "V-38", "row 2"),
    ],
)
def test_a_bad_row_is_told_of_and_the_others_are_kept(cell: str, by: str, why: str) -> None:
    text = OWN.replace("V-38,vinga,Vinga,", "V-38,vinga,", 1) if "cells" in why else OWN
    report = take(text.replace(cell, by, 1))
    assert report.refusals == 1
    place, _sku, reason = report.refused[0]
    assert place == (3 if cell == "V-39" else 2)
    assert why in reason
    assert report.created == 2
    assert Product.objects.filter(number="haga").exists()


def test_columns_that_mean_nothing_are_named() -> None:
    assert take("sku,colour\nA,black\n").ignored == ["colour"]


def test_a_full_feed_removes_what_it_does_not_name_and_brings_it_back() -> None:
    take(OWN)
    only_haga = OWN.splitlines()[0] + "\n" + OWN.splitlines()[3] + "\n"
    assert take(only_haga, full=True).removed == 2
    assert Product.objects.get(number="vinga").removed_at is not None
    assert take(OWN, full=True).changed == 1
    assert not Product.objects.exclude(removed_at=None).exists()


def test_what_is_named_in_a_bad_row_is_not_removed() -> None:
    take(OWN)
    report = take(OWN.replace("4006381333931", "1"), full=True)
    assert (report.refusals, report.removed, report.left) == (1, 0, "")
    assert not Variant.objects.exclude(removed_at=None).exists()


@pytest.mark.parametrize("broken", [OWN.replace("V-39", ""), OWN.splitlines()[0], XML[:-200]])
def test_nothing_is_removed_by_a_feed_that_was_not_read_whole(broken: str) -> None:
    take(OWN)
    report = take(broken, full=True)
    assert report.removed == 0
    assert report.left
    assert not Variant.objects.exclude(removed_at=None).exists()


def test_a_variant_may_get_a_new_sku_and_keep_its_gtin() -> None:
    take(OWN)
    report = take(OWN.replace("V-38", "VINGA-38"), full=True)
    assert (report.refused, report.removed) == ([], 1)
    assert Variant.objects.get(gtin="04006381333931").sku == "VINGA-38"


def test_rows_of_a_product_need_not_stand_together() -> None:
    lines = OWN.splitlines()
    take("\n".join([lines[0], lines[1], lines[3], lines[2]]))
    vinga = Product.objects.get(number="vinga")
    assert [one.sku for one in vinga.variants.order_by("position")] == ["V-38", "V-39"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no first line"),
        (b"name,price\nVinga,1\n", "neither a column"),
        (b'sku,"name\nA,B\n', "wrong quote"),
        (b"sku" + b",x" * 600, "500 columns"),
        (b"PK\x03\x04\x14\0", "spreadsheet"),
        (b'[{"sku": "A"}]', "JSON"),
        ("sku;name\nA;Å\n".encode("utf-16-be")[:-1], "not utf-16-be from line 2"),
        (b"<rss><channel><item>", "not XML"),
        (b"<rss>" + b"<a>" * 100, "too deep"),
        (b"<rss><a b='" + b"x" * 1_500_000, "tag of a megabyte"),
        (b"<rss><!--" + b"x" * 1_500_000, "tag of a megabyte"),
        (b"<?xml version='1.0' encoding='klingon'?><rss/>", "no encoding"),
    ],
)
def test_a_file_that_can_not_be_read_is_said_to_be(data: bytes, why: str) -> None:
    assert why in take(data).problem


# --- prices ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "market", "minor"),
    [
        ("1290", "SE", 129000),
        ("1290,00", "SE", 129000),
        ("1 290,00", "SE", 129000),
        ("1.290,00", "DK", 129000),
        ("1,290.00", "DK", 129000),
        ("1,290.00 DKK", "DK", 129000),
        ("1990", "IS", 1990),
        ("1.25", "KW", 1250),
        ("free", "SE", 0),
        ("Free", "SE", 0),
        ("1,290", "SE", None),
        ("1.290", "DK", None),
        ("1.000", "DK", None),
        ("1,990 DKK", "DK", None),
        ("1.990", "IS", None),
        ("0", "SE", None),
        ("0,00", "SE", None),
        ("0 SEK", "SE", None),
        ("1e999999", "SE", None),
    ],
)
@pytest.mark.parametrize("what", ["price", "sale_price"])
def test_a_price_is_what_a_careful_person_reads_or_its_row_is_refused(
    text: str, market: str, minor: int | None, what: str
) -> None:
    report = take(f"sku;{what}.{market}\nA;{text}\n")
    prices = list(Price.objects.values_list("amount", "sale"))
    assert prices == ([] if minor is None else [(minor, what == "sale_price")])
    assert report.refusals == (minor is None)


@pytest.mark.parametrize("price", ["1,290 SEK", "1.290 SEK", "0.00 SEK", "1290", "1290.000 SEK"])
def test_googles_prices_are_read_by_the_same_rule(price: str) -> None:
    assert take(f"id\tprice\nA\t{price}\n").refusals == 1
    assert take(f"id\tprice\tsale price\nA\t1990 SEK\t{price}\n").refusals == 1
    assert take(f"<rss><item><id>A</id><price>{price}</price></item></rss>").refusals == 1
    assert not Price.objects.exists()


def test_what_costs_nothing_says_so_to_google_too() -> None:
    assert take("id\tprice\nA\tfree\n").refused == []
    assert cost("A") == PriceNow(0)


@pytest.mark.parametrize("vat", ["1e999999", "1e5", "NaN", "25.000", "-5", "101", "2 5"])
def test_what_is_no_vat_is_refused(vat: str) -> None:
    assert take(f"sku;vat\nA;{vat}\n").refusals == 1


# --- rows that can't be trusted -------------------------------------------------------------------

SHELF = "sku,name,price.SE\nA,Vinga,100\nB,Haga,200\nC,Mora,300\nD,Lysa,400\n"
DEARER = "sku,name,price.SE\nA,Vinga,199\nB,Haga,299\nC,Mora,399\n"  # and D is gone


@pytest.mark.parametrize(
    ("text", "by", "refused"),
    [
        ("Vinga", '"Vinga', [2]),
        ("Vinga,199\nB,Haga", '"Vinga,199\nB,Haga"', [2, 3]),
        ("Vinga,199\nB", '"Vinga,199\nB"', [2, 3]),
        ("B,Haga,299", "B,Haga,299,", [3]),
        ("B,Haga,299", "B,Haga", [3]),
        ("Haga", "\udce5", [3]),
        ("Mora", 'Mora 15"', []),  # inches: it opens nothing
    ],
)
def test_a_row_that_is_unsure_changes_no_other_and_removes_nothing(
    text: str, by: str, refused: list[int]
) -> None:
    take(SHELF)
    broken = DEARER.replace(text, by)
    report = take(broken.encode("utf-8", "surrogateescape"), full=True)
    assert [place for place, _, _ in report.refused] == refused
    assert (report.rows, report.problem) == (3, "")
    assert (bool(report.left), report.removed) == ((True, 0) if refused else (False, 1))
    for sku, old, line in (("A", 100, 2), ("B", 200, 3), ("C", 300, 4)):
        assert cost(sku) == PriceNow(old * 100 if line in refused else (old + 99) * 100)


def test_a_full_feed_removes_no_more_than_a_share_without_being_told_so() -> None:
    take("sku\n" + "".join(f"A-{n}\n" for n in range(10)))
    few, fewer = ("sku\n" + "".join(f"A-{n}\n" for n in range(count)) for count in (8, 5))
    report = import_feed(io.BytesIO(fewer.encode()), Feed(), full=True)
    assert report.removed == 0
    assert "5 of 10 variants would go, more than 20 %." in report.left
    assert import_feed(io.BytesIO(few.encode()), Feed(), full=True).removed == 2
    assert take(fewer, full=True, remove_at_most=40).removed == 3
    assert take("sku\nB\n", full=True, remove_at_most=100).removed == 5


@pytest.mark.parametrize(
    "data",
    [
        SHELF.encode("utf-16"),
        ("\ufeff\ufeff" + SHELF).encode(),
        ("sep=,\n" + SHELF).encode(),
        SHELF.encode("utf-16-le"),
    ],
)
def test_the_ways_in_which_spreadsheets_write_are_read(data: bytes) -> None:
    assert take(data).refused == []
    assert cost("C") == PriceNow(30000)


def test_another_encoding_is_read_where_it_is_said() -> None:
    data = "sku;name\nA;Å\nB;x\n".encode("cp1252")
    report = take(data, full=True)
    assert "windows-1252, or save it as UTF-8" in report.refused[0][2]
    assert Variant.objects.get().sku == "B"
    assert take(data, encoding="windows-1252", full=True).refused == []
    assert Product.objects.get(number="A").names == {"sv": "Å"}


def test_columns_of_one_name_may_be_there_where_they_agree_or_mean_nothing() -> None:
    text = "sku,note,note,price.SE,Price.se\nA,1,2,100,100\nB,1,1,100,200\n"
    report = take(text, full=True)
    assert [(place, "differ" in why) for place, _, why in report.refused] == [(3, True)]
    assert cost("A") == PriceNow(10000)
    assert report.left


@pytest.mark.parametrize("sku", ['="0017"', '"=""0017"""', "'0017", "0017"])
def test_a_sku_is_known_without_what_spreadsheets_put_around_it(sku: str) -> None:
    take("sku\n0017\n")
    assert take(f"sku\n{sku}\n").unchanged == 1


# --- XML ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Sko & mer", "Sko & mer"),
        ("Sko &amp; mer", "Sko & mer"),
        ("Sko&mer; &", "Sko&mer; &"),
        ("Bl&aring;&nbsp;sko &lt;38&gt; &#229;&#xe5;", "Blå\u00a0sko <38> åå"),
        ("a &LT; b", "a < b"),
        ("<![CDATA[Sko & mer &amp; <b>]]> & <!-- & -->x", "Sko & mer &amp; <b> & x"),
        ('Sko <a href="?a=1&b=2"/>', "Sko"),
    ],
)
def test_an_ampersand_that_stands_alone_is_one(written: str, read: str) -> None:
    report = take(f"<rss><item><id>A</id><title>{written}</title></item></rss>")
    assert report.refused == []
    assert report.problem == ""
    assert Product.objects.get().names == {"sv": read}


BLUE = "<rss><item><id>A</id><title>Å</title></item></rss>"
DECLARED = "<?xml version='1.0' encoding='{}'?>" + BLUE


@pytest.mark.parametrize(
    "data",
    [
        BLUE.encode(),
        BLUE.encode("utf-16-le"),
        f"\ufeff\ufeff\n {DECLARED.format('utf-8')}".encode(),
        DECLARED.format("windows-1252").encode("cp1252"),
        DECLARED.format("utf-16").encode("utf-16"),
        DECLARED.format("utf-16").encode(),  # it says so, and is not
    ],
)
def test_xml_is_read_in_the_encoding_that_it_is_in(data: bytes) -> None:
    assert take(data).problem == ""
    assert Product.objects.get().names == {"sv": "Å"}


@pytest.mark.parametrize("broken", ["\x0b", "&#0;", "&#x1f;", "&#xd800;", "\udce5"])
def test_what_is_no_character_spoils_its_own_item_alone(broken: str) -> None:
    text = f"<rss><item><id>A</id><title>{broken}</title></item><item><id>B</id></item></rss>"
    report = take(text.encode("utf-8", "surrogateescape"), full=True)
    assert [(place, "no character" in why) for place, _, why in report.refused] == [(1, True)]
    assert Variant.objects.get().sku == "B"
    assert report.left


def test_items_before_a_place_that_is_no_xml_are_kept_and_nothing_removed() -> None:
    take("sku\nA\nB\n")
    report = take(
        "<rss><item><id>C</id></item>\n<item><id>D</id><title>size <38</title></item></rss>",
        full=True,
    )
    assert "not XML from line 2 on" in report.problem
    assert "&lt;" in report.problem
    assert (report.created, report.removed) == (1, 0)


PIECES = st.sampled_from(
    ["&", "&amp;", "&nbsp;", "&#38;", "&x", ";", "<![CDATA[", "]]>", "]", "<!--", "-->", "<?", "?>"]
)


@given(st.lists(PIECES, max_size=30).map("".join), st.lists(st.integers(0, 200), max_size=5))
def test_it_does_not_matter_where_the_reading_of_xml_pauses(text: str, cuts: list[int]) -> None:
    whole = Mended().take(text, last=True)
    parts = Mended()
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    read = [parts.take(text[a:b]) for a, b in itertools.pairwise(places)]
    assert "".join(read) + parts.take("", last=True) == whole


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r SYSTEM "http://elsewhere.example/x.dtd">',
    ],
)
def test_no_entity_is_expanded_nor_fetched(declared: str) -> None:
    report = take(f"<?xml version='1.0'?>{declared}<rss><item><id>&a;</id></item></rss>")
    assert "no entities" in report.problem
    assert not Product.objects.exists()


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@settings(max_examples=200)
def test_no_file_breaks_the_reading(data: bytes) -> None:
    for start in (b"", b"sku,price.se,option.size\n", b"<rss><item>"):
        with contextlib.suppress(Unreadable):
            list(Feed().rows(io.BytesIO(start + data)))
