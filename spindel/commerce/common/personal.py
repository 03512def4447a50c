"""What the rooms have in common of what they hold about a customer: whom an address names."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString

from spindel.kit import sql
from spindel.kit.register import Holding, Subject

_WITH_CONTACT = """
SELECT id FROM {table}
WHERE contact_email = ANY(%(emails)s) OR contact_phone = ANY(%(phones)s)
"""


def naming_her(table: str, who: Subject) -> list[int]:
    """The rows whose contact has an address or a number that is hers alone."""
    keys = {
        "emails": [value for kind, value in who.keys if kind == "email"],
        "phones": [value for kind, value in who.keys if kind == "phone"],
    }
    return [id for (id,) in sql.rows(_WITH_CONTACT.format(table=table), keys)]


def say_goods(item: Mapping[str, object]) -> SafeString:
    """What it was about: "2 × vinga-38, 1 × vinga-39"."""
    lines = item.get("lines")
    told = [
        f"{one['quantity']} × {one.get('name') or one['sku']}"
        for one in (lines if isinstance(lines, list) else [])
    ]
    return format_html("{}", " · ".join(filter(None, [str(item.get("name", "")), ", ".join(told)])))


HOLDINGS: tuple[Holding, ...] = ()
FREE = {
    "common_notice": "what is still to be told by mail, by the number of an order or a hold",
}
