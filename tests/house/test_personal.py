"""Every table is in the register of personal data: it is told and forgotten, or holds none."""

from __future__ import annotations

from collections import Counter

from django.apps import apps
from django.db import connection

from spindel.commerce.carts.models import Cart
from spindel.kit import declared, house
from spindel.kit.register import free_tables, holdings
from spindel.shoppers.models import Shopper
from tests.house.tree import is_below


def _registered() -> Counter[str]:
    held = [table for holding in holdings() for table in holding.tables]
    return Counter([*held, *free_tables()])


def test_every_table_is_registered_once(db: None) -> None:
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    registered = _registered()
    assert tables - registered.keys() == set(), "say in the domain's personal.py what these hold"
    assert registered.keys() - tables == set(), "there are no such tables any more"
    assert [table for table, count in registered.items() if count > 1] == []


def test_a_table_that_names_a_customer_is_not_called_free() -> None:
    """Whatever refers to a customer or an identifier is told and forgotten with her."""
    free = free_tables()
    for model in apps.get_models():
        for field in model._meta.get_fields():
            other = getattr(field, "related_model", None)
            if field.concrete and getattr(other, "__name__", "") in ("Customer", "Identifier"):
                assert model._meta.db_table not in free, f"{model.__name__}.{field.name}"


def test_whoever_names_a_session_or_a_cart_says_how_it_lets_go_of_it() -> None:
    """They are put away long before what was done in a session, or came of a cart."""
    for named, statements in ((Shopper, "OF_SESSIONS"), (Cart, "OF_CARTS")):
        said = " ".join(declared.each("retention", statements))
        here = house.room(named.__module__)
        above = {
            model._meta.db_table
            for model in apps.get_models()
            for field in model._meta.get_fields()
            if field.concrete and field.related_model is named
            if is_below(here, house.room(model.__module__))
        }
        assert above
        assert {table for table in above if f"{table} " not in said} == set()


def test_each_reason_for_holding_nothing_is_given() -> None:
    assert all(why.strip() for why in free_tables().values())
