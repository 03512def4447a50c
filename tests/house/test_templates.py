"""Templates are there to be read: one element a line."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house.tree import ROOT, files

LONGEST = 160


def _templates() -> list[Path]:
    return [
        path
        for path in files()
        if path.is_relative_to(ROOT / "spindel")
        and "templates" in path.parts
        and path.suffix in (".html", ".txt")
    ]


def test_no_line_of_a_template_is_longer_than_an_eye_follows() -> None:
    """Break a line where white space is already, at a block's edge, or between attributes; a long
    text is `{% blocktranslate trimmed %}`. Elsewhere a new line is a space that people see.
    """
    long = [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} characters"
        for path in _templates()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST
    ]
    assert _templates()
    assert long == []


# What a piece would look like that was written by hand, by the tag that writes it.
PIECES = {
    "amount": r'<td class="amount">\s*\{\{[^<{]*\}\}\s*</td>',
    "back": r'<p class="back">',
    "card": r'<section class="card[^"]*" aria-labelledby="([^"]+)">\s*<h2[^>]* id="\1">\{% \w+ "',
    "check": r'<label class="(tick|form-check)">\s*<input [^>]*value="[^"]*"( checked)?>\s*<span>',
    "column": r'<th scope="col"',
    "copyable": r'<div class="copy">',
    "message": r'<section class="message">',
    "nothing": r'class="empty-mark"',
    "nothing_here": r'<div class="empty">\s*\{% icon "[^"]+" %\}\s*<p',
    "notice": r'<p class="notice( notice-\w+)?"( role="\w+")?>',
    "older": r'href="([^>]+)"\s+hx-get="\1"\s+hx-target="closest \.older',
    "page_head": r'class="page-head"',
    "pick": r'<label class="pick[a-z -]*">\s*<input type="radio" [^>]*>[^<]*</label>',
    "row_link": r'<a class="row-link" href="\{% url [^%]*%\}">\s*(\{% icon|<span class="grow">)',
    "setting": r'<section class="card pad setting"',
    "sum": r'<p class="sum[a-z -]*">\s*<span>(\{% tr|\{\{).*</span>\s*<span class="num">',
    "table": r'class="goods-table"',
    "term": r"<div[^>]*>\s*<dt>[^<]*</dt>\s*<dd>\{\{[^<{]*\}\}</dd>",
    "wrong": r'class="field-error"[^>]*>\{\{',
}


def test_a_piece_that_has_a_tag_is_not_written_by_hand() -> None:
    """It is changed in one place only while it stands in one: the kit's `templatetags/pieces.py`,
    or the store's `tablet.py`.
    """
    by_hand = [
        f"{path.relative_to(ROOT)}: {{% {tag} %}}"
        for path in _templates()
        if "storefront" not in path.parts  # Jinja, with macros of its own
        for tag, written in PIECES.items()
        if re.search(written, path.read_text())
    ]
    assert by_hand == []
