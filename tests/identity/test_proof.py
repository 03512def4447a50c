"""What is certainly hers: what people have linked, or a source that is trusted; nothing else."""

from __future__ import annotations

from collections.abc import Callable

from django.utils import timezone

from spindel.commerce.carts import reading as carts
from spindel.commerce.orders.placement.placing import Bought
from spindel.identity import actions, customers, identifiers
from spindel.identity.models import Identifier
from spindel.shoppers.models import LoginLink, Shopper
from spindel.timeline.models import Fact, Source
from tests.commerce import acting
from tests.commerce.carts.cast import at_shop as at_shop  # a fixture
from tests.commerce.conftest import Shop
from tests.commerce.conftest import shop as shop  # a fixture
from tests.commerce.forgetting import forget
from tests.commerce.stock.cast import deliver
from tests.shopping import AtShop, log_in
from tests.telling import follow, tell

Come = Callable[..., AtShop]


def _id(kind: str, value: str) -> int:
    return Identifier.objects.get(kind=kind, value=value).pk


def _says(user: str, email: str, key: str = "web-key") -> None:
    message = {"type": "identify", "messageId": f"{user} {email} {key}", "userId": user}
    tell([{**message, "traits": {"email": email}}], key=key)


def test_what_a_public_key_has_said_is_no_proof(web: Source) -> None:
    _says("anna", "anna@example.se")
    assert customers.by_identifier("user_id", "anna") == customers.by_identifier(
        "email", "anna@example.se"
    )
    assert identifiers.proven(_id("email", "anna@example.se")) == {_id("email", "anna@example.se")}


def test_what_a_trusted_source_has_told_or_a_person_has_linked_is(web: Source, pos: Source) -> None:
    _says("anna", "anna@example.se", "pos-key")
    both = {_id("email", "anna@example.se"), _id("user_id", "anna")}
    assert identifiers.proven(_id("email", "anna@example.se")) == both
    _says("other", "second@example.se", "pos-key")
    one = customers.by_identifier("user_id", "anna")
    two = customers.by_identifier("email", "second@example.se")
    assert one is not None
    assert two is not None
    actions.merge_customers(one, two, "Maja")
    linked = identifiers.proven(_id("email", "anna@example.se"))
    assert linked == both | {_id("email", "second@example.se"), _id("user_id", "other")}


def test_whom_a_person_links_of_whom_it_is_not_certain_who_she_is_proves_nothing(
    web: Source, pos: Source
) -> None:
    """The other may be two: whoever has the login, and whose address she says it is."""
    _says("anna", "anna@example.se", "pos-key")
    _says("other", "second@example.se")
    one = customers.by_identifier("user_id", "anna")
    two = customers.by_identifier("email", "second@example.se")
    assert one is not None
    assert two is not None
    merged = actions.merge_customers(one, two, "Maja")
    assert merged == customers.by_identifier("user_id", "other")
    assert identifiers.proven(_id("email", "anna@example.se")) == _both()
    assert identifiers.proven(_id("user_id", "other")) == {_id("user_id", "other")}


def _both() -> set[int]:
    return {_id("email", "anna@example.se"), _id("user_id", "anna")}


def test_what_a_public_key_said_first_is_proof_once_a_trusted_source_says_it(
    web: Source, pos: Source
) -> None:
    _says("anna", "anna@example.se")
    _says("anna", "anna@example.se", "pos-key")
    assert identifiers.proven(_id("email", "anna@example.se")) == _both()
    assert identifiers.proven(_id("user_id", "anna")) == _both()


def test_nobody_takes_a_proof_away_by_saying_that_it_was_earlier(web: Source, pos: Source) -> None:
    _says("anna", "anna@example.se", "pos-key")
    early = {"timestamp": "2020-01-01T00:00:00Z", "type": "identify", "messageId": "early"}
    tell([{**early, "userId": "anna", "traits": {"email": "anna@example.se"}}])
    assert identifiers.proven(_id("email", "anna@example.se")) == _both()


def test_however_many_say_it_that_are_not_trusted_it_is_no_proof(web: Source, pos: Source) -> None:
    Source.objects.filter(pk=pos.pk).update(trusted=False)
    for _ in range(2):
        _says("anna", "anna@example.se")
        _says("anna", "anna@example.se", "pos-key")
    assert identifiers.proven(_id("email", "anna@example.se")) == {_id("email", "anna@example.se")}


def test_another_pair_that_a_trusted_source_tells_of_proves_nothing_of_this(
    web: Source, pos: Source
) -> None:
    _says("anna", "anna@example.se")
    _says("anna", "second@example.se", "pos-key")
    assert identifiers.proven(_id("email", "anna@example.se")) == {_id("email", "anna@example.se")}


def test_a_source_proves_as_long_as_it_is_trusted(web: Source, pos: Source) -> None:
    _says("anna", "anna@example.se")
    _says("anna", "anna@example.se", "pos-key")
    Source.objects.filter(pk=pos.pk).update(trusted=False)
    assert identifiers.proven(_id("email", "anna@example.se")) == {_id("email", "anna@example.se")}
    Source.objects.filter(pk=pos.pk).update(trusted=True)
    assert identifiers.proven(_id("email", "anna@example.se")) == _both()


def test_a_proof_outlives_the_message_when_old_facts_are_dropped(web: Source, pos: Source) -> None:
    _says("anna", "anna@example.se", "pos-key")
    Fact.objects.all().delete()
    assert identifiers.proven(_id("email", "anna@example.se")) == _both()


def test_what_proved_it_is_forgotten_with_her(web: Source, pos: Source) -> None:
    _says("anna", "anna@example.se", "pos-key")
    known = customers.by_identifier("user_id", "anna")
    assert known is not None
    forget(known)
    _says("anna", "anna@example.se")
    assert customers.by_identifier("user_id", "anna") is not None
    assert identifiers.proven(_id("email", "anna@example.se")) == {_id("email", "anna@example.se")}


def test_logged_in_she_sees_the_cart_that_the_agent_sees(
    at_shop: Come, web: Source, pos: Source
) -> None:
    _says("anna", "anna@example.se")
    laptop, phone = at_shop("laptop", "user_id:anna"), at_shop("phone")
    laptop.add("vinga-38", 2)
    log_in(phone, "anna@example.se")
    assert phone.cart() == {}  # a page with a public key could have said it
    _says("anna", "anna@example.se", "pos-key")
    anna = customers.by_identifier("user_id", "anna")
    assert anna is not None
    there = carts.open_of(anna)
    assert there is not None
    agents = {one.sku: one.quantity for one in carts.view(there.pk, "en").lines}
    assert phone.cart() == agents == laptop.cart() == {"vinga-38": 2}


def test_what_she_chose_before_it_was_certain_comes_into_that_cart(
    at_shop: Come, web: Source, pos: Source
) -> None:
    _says("anna", "anna@example.se")
    laptop, phone = at_shop("laptop", "user_id:anna"), at_shop("phone")
    laptop.add("vinga-38", 2)
    log_in(phone, "anna@example.se")
    phone.add("vinga-39")
    assert (phone.cart(), laptop.cart()) == ({"vinga-39": 1}, {"vinga-38": 2})
    _says("anna", "anna@example.se", "pos-key")
    assert phone.add("vinga-39", 2) == laptop.cart() == {"vinga-38": 2, "vinga-39": 3}


def test_proof_does_not_lead_through_a_device(web: Source, pos: Source) -> None:
    for user in ("anna", "bo"):
        tell(
            [{"type": "page", "messageId": user, "userId": user, "anonymousId": "tablet"}],
            key="pos-key",
        )
    assert identifiers.proven(_id("user_id", "anna")) == {_id("user_id", "anna")}


def test_nobody_opens_what_is_anothers(at_shop: Come, shop: Shop, pos: Source) -> None:
    from spindel.catalogue.models import Place

    deliver(shop.small, shop.goteborg, 2)
    anna, stranger = at_shop("anna"), at_shop("anna")  # who says that it is the same device
    log_in(anna, "anna@example.se")
    body = {"sku": "vinga-38", "place": "goteborg"}
    hold = anna.ask("POST", "holds", body, **{"Idempotency-Key": "k"}).json()["id"]
    bought = acting.tell_purchase(
        "G-1",
        [Bought(shop.small, 1, 100)],
        place=Place.objects.get(pk=shop.goteborg),
        at=timezone.now(),
        whose=_id("email", "anna@example.se"),
        currency="SEK",
        by="till",
        source="pos",
    )
    follow()
    assert [one["number"] for one in anna.ask("GET", "orders").json()["items"]] == ["G-1"]
    for other in (stranger, at_shop("bo")):
        assert other.ask("GET", "orders").json()["items"] == []
        assert other.ask("GET", "holds").json()["items"] == []
        assert other.ask("GET", f"orders/{bought.number}").status_code == 404
        assert other.ask("POST", f"orders/{bought.number}/cancel", {}).status_code == 404
        assert other.ask("POST", f"holds/{hold}/release").status_code == 404
        log_in(other, "bo@example.se")
        assert other.ask("GET", f"orders/{bought.number}").status_code == 404
        assert other.ask("POST", "claims", {"number": "G-1"}).status_code == 404


def test_of_keys_and_links_hashes_are_kept(at_shop: Come) -> None:
    phone = at_shop("phone")
    phone.ask("POST", "login", {"email": "anna@example.se"})
    assert len(bytes(Shopper.objects.get().digest)) == 32
    assert len(bytes(LoginLink.objects.get().digest)) == 32
    assert phone.key.encode() not in bytes(Shopper.objects.get().digest)


def test_asking_for_links_again_and_again_fills_nobodys_mailbox(at_shop: Come) -> None:
    from spindel.messages.models import Mail

    for n in range(12):
        phone = at_shop(f"phone {n}")
        assert phone.ask("POST", "login", {"email": "anna@example.se"}).status_code == 202
    assert Mail.objects.count() == 5


def test_a_link_leads_into_the_shop_and_nowhere_else(at_shop: Come) -> None:
    phone = at_shop("phone")
    for back in (
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/a b",
        "javascript:",
    ):
        answer = phone.ask("POST", "login", {"email": "anna@example.se", "back": back})
        assert answer.status_code == 422, back


def test_nobody_holds_all_there_is(at_shop: Come, shop: Shop) -> None:
    deliver(shop.small, shop.goteborg, 50)
    phone = at_shop("phone")
    body = {"sku": "vinga-38", "place": "goteborg", "quantity": 6}
    first = phone.ask("POST", "holds", body, **{"Idempotency-Key": "1"})
    again = phone.ask("POST", "holds", body, **{"Idempotency-Key": "2"})
    assert (first.status_code, again.status_code, again.json()["code"]) == (201, 409, "too_many")
