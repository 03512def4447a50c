"""What a window of facts costs: as many statements for one customer as for many."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from spindel.commerce.carts.models import Cart, CartLine, CartMerge
from spindel.identity.followers import FOLLOWER
from spindel.identity.models import Identifier
from spindel.timeline import following
from spindel.timeline.models import Fact, Source
from tests.commerce.conftest import Shop
from tests.identity.cast import event, identify, who
from tests.statements import counted
from tests.telling import send, tell, wait_until

FEW, MANY = 2, 30
_numbers = itertools.count()


def cost(facts: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many statements it takes to follow so many facts at once."""
    following.enrol(FOLLOWER)
    found: list[int] = []

    def followed() -> bool:
        with counted(monkeypatch) as statements:
            seen = following.step(FOLLOWER)
        found.append(statements[0])
        return seen == facts

    wait_until(followed)
    return found[-1]


def cart_of(kind: str, value: str, *variants: int) -> Cart:
    """An open cart of whoever has the identifier now."""
    found = Identifier.objects.get(kind=kind, value=value)
    cart = Cart.objects.create(
        customer_id=who(kind, value), identifier=found, market="SE", currency="SEK"
    )
    for variant in variants:
        CartLine.objects.create(cart=cart, variant_id=variant, quantity=1)
    return cart


def new_customers(names: list[str], _shop: Shop) -> list[dict]:
    return [
        identify(
            number,
            userId=name,
            anonymousId=f"b-{name}",
            traits={"email": f"{name}@example.com", "name": f"Anna {name}"},
            properties={"order_id": f"o-{name}"},
        )
        for number, name in enumerate(names)
    ]


def known_customers(names: list[str], shop: Shop) -> list[dict]:
    tell(new_customers(names, shop), key="pos-key")
    return new_customers(names, shop)


def customers_who_become_one(names: list[str], shop: Shop) -> list[dict]:
    for name in names:
        tell(
            [
                event(0, userId=name),
                event(1, context={"traits": {"email": f"{name}@example.com"}}),
            ]
        )
        cart_of("user_id", name, shop.small)
        cart_of("email", f"{name}@example.com", shop.small, shop.large)
    return [identify(2, userId=name, traits={"email": f"{name}@example.com"}) for name in names]


def browsers_that_turn_out_to_be_hers(names: list[str], shop: Shop) -> list[dict]:
    for name in names:
        tell([event(0, userId=name), event(1, anonymousId=f"b-{name}")])
        cart_of("user_id", name, shop.small)
        cart_of("anonymous_id", f"b-{name}", shop.small, shop.large)
    return [event(2, userId=name, anonymousId=f"b-{name}") for name in names]


def browsers_that_are_all_she_has(names: list[str], shop: Shop) -> list[dict]:
    for name in names:
        tell([event(0, userId=name), event(1, anonymousId=f"b-{name}")])
        cart_of("anonymous_id", f"b-{name}", shop.large)
    return [event(2, userId=name, anonymousId=f"b-{name}") for name in names]


def browsers_that_were_somebody_elses_meanwhile(names: list[str], shop: Shop) -> list[dict]:
    for name in names:
        tell(
            [
                event(1, userId=f"first-{name}", anonymousId=f"b-{name}"),
                event(9, userId=f"first-{name}", anonymousId=f"b-{name}"),
            ],
            key="pos-key",
        )
        cart_of("anonymous_id", f"b-{name}", shop.large)
    return [event(5, userId=f"other-{name}", anonymousId=f"b-{name}") for name in names]


def browsers_that_are_one_customers(names: list[str], shop: Shop) -> list[dict]:
    tell(
        [event(0, userId=name, anonymousId=f"b-{name}") for name in names],
        [event(1, anonymousId=f"c-{name}") for name in names],
    )
    for name in names:
        cart_of("anonymous_id", f"b-{name}", shop.small)
        cart_of("anonymous_id", f"c-{name}", shop.large)
    return [event(2, userId=name, anonymousId=f"c-{name}") for name in names]


def browsers_of_one_who_may_be_two(names: list[str], shop: Shop) -> list[dict]:
    told = browsers_that_are_one_customers(names, shop)
    tell([identify(3, userId=name, traits={"email": f"{name}@example.com"}) for name in names])
    return told


def customers_who_become_two_again(names: list[str], shop: Shop) -> list[dict]:
    tell([event(0, userId=name) for name in names], key="pos-key")
    mails = {name: {"traits": {"email": f"{name}@example.com"}} for name in names}
    tell([event(1, context=mail) for mail in mails.values()], key="pos-key")
    for name in names:
        cart_of("user_id", name, shop.small)
        cart_of("email", f"{name}@example.com", shop.large)
    tell([identify(9, userId=name, **mail) for name, mail in mails.items()], key="pos-key")
    return [identify(5, userId=f"other-{name}", **mail) for name, mail in mails.items()]


def customers_who_are_another_with_a_cart_of_hers(names: list[str], shop: Shop) -> list[dict]:
    told = customers_who_become_two_again(names, shop)
    tell([event(0, userId=f"other-{name}") for name in names], key="pos-key")
    for name in names:
        cart_of("user_id", f"other-{name}", shop.small)
    return told


@pytest.mark.parametrize(
    "told",
    [
        new_customers,
        known_customers,
        customers_who_become_one,
        browsers_that_turn_out_to_be_hers,
        browsers_that_are_all_she_has,
        browsers_that_were_somebody_elses_meanwhile,
        browsers_that_are_one_customers,
        browsers_of_one_who_may_be_two,
        customers_who_become_two_again,
        customers_who_are_another_with_a_cart_of_hers,
    ],
)
def test_a_window_costs_as_many_statements_for_many_customers_as_for_few(
    shop: Shop,
    web: Source,
    pos: Source,
    monkeypatch: pytest.MonkeyPatch,
    told: Callable[[list[str], Shop], list[dict]],
) -> None:
    costs = {}
    for many in (FEW, FEW, MANY):  # the first time some things are made for good
        names = [f"u{next(_numbers)}" for _ in range(many)]
        send(told(names, shop), key="pos-key")
        monkeypatch.setattr("spindel.kit.waking._woken_at", {})
        costs[many] = cost(many, monkeypatch)
        tell()  # what was recorded meanwhile
    assert costs[MANY] == costs[FEW], costs


def test_carts_of_many_who_become_one_are_brought_together_each_once(
    shop: Shop, web: Source, pos: Source
) -> None:
    names = [f"u{next(_numbers)}" for _ in range(5)]
    tell(customers_who_become_one(names, shop), key="pos-key")
    for name in names:
        cart = Cart.objects.get(customer=who("user_id", name), state="open")
        lines = CartLine.objects.filter(cart=cart).values_list("variant_id", "quantity")
        assert sorted(lines) == [(shop.small, 1), (shop.large, 1)]
        assert CartMerge.objects.filter(into=cart).count() == 1
    assert Cart.objects.filter(state="merged").count() == len(names)
    assert Fact.objects.filter(name="Cart Merged").count() == len(names)


def test_carts_of_many_who_become_two_again_are_each_ones_own(
    shop: Shop, web: Source, pos: Source
) -> None:
    names = [f"u{next(_numbers)}" for _ in range(5)]
    told = customers_who_are_another_with_a_cart_of_hers(names, shop)
    assert Cart.objects.filter(state="merged").count() == len(names)
    tell(told, key="pos-key")
    for name in names:
        for user, variants in ((name, {shop.small}), (f"other-{name}", {shop.small, shop.large})):
            cart = Cart.objects.get(customer=who("user_id", user), state="open")
            lines = CartLine.objects.filter(cart=cart).values_list("variant_id", flat=True)
            assert set(lines) == variants
    assert CartMerge.objects.exclude(apart_at=None).count() == len(names)
    assert Fact.objects.filter(name="Cart Taken Apart").count() == 2 * len(names)


def test_carts_of_browsers_that_are_one_customers_come_into_one_that_is_under_her_own_name(
    shop: Shop, web: Source, pos: Source
) -> None:
    names = [f"u{next(_numbers)}" for _ in range(5)]
    tell(browsers_that_are_one_customers(names, shop))
    for name in names:
        cart = Cart.objects.get(customer=who("user_id", name), state="open")
        assert cart.identifier == Identifier.objects.get(kind="user_id", value=name)
        assert CartLine.objects.filter(cart=cart).count() == 2
