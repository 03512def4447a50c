"""A receipt by mail from the tablet: to the address that the clerk types, or confirms."""

from __future__ import annotations

from datetime import timedelta

import pytest

from spindel.commerce.orders.models import Order
from spindel.messages import jobs
from spindel.messages.models import Mail
from spindel.staff.models import AuditEntry, User
from tests.commerce.conftest import Shop
from tests.commerce.returns.cast import bought
from tests.mailbox import Mailbox
from tests.store.cast import Tablet, look_up_anna
from tests.store.cast import priced as priced  # a fixture
from tests.store.cast import tablet as tablet  # a fixture

ANNA = {"name": "Anna Åkesson", "email": "anna@example.se", "phone": ""}


def mail_it(tablet: Tablet, order: Order, **more: str) -> str:
    page = tablet.get(f"/store/orders/{order.number}/?sold=1")
    return tablet.tap(page, f"/store/orders/{order.number}/mail/", **more)


def test_the_receipt_of_somebody_unknown_goes_to_the_address_that_was_typed(
    tablet: Tablet, priced: Shop, mailbox: Mailbox
) -> None:
    order = bought(priced)
    done = mail_it(tablet, order, email="walk.in@example.se")
    assert "On its way to walk.in@example.se." in done
    assert "Next sale" in done  # it is the page of the sale still
    while jobs.step():
        pass
    mail = mailbox.wait_for("walk.in@example.se")
    (file,) = mail.iter_attachments()
    assert file.get_content_type() == "application/pdf"
    assert file.get_filename() == f"Kvitto-{order.number}.pdf"
    assert file.get_content().startswith(b"%PDF-")
    kept = Mail.objects.get()
    assert (kept.purpose, kept.language, kept.name) == ("receipt", "sv", "")
    assert kept.identifier_id == order.identifier_id
    assert "/o/" in kept.text  # whoever stands there is handed it as a code, too
    entry = AuditEntry.objects.get(did="order.receipt_mailed")
    assert "walk.in" not in str(entry.detail)


def test_tapped_twice_it_is_one_mail_and_to_another_address_another(
    tablet: Tablet, priced: Shop
) -> None:
    order = bought(priced)
    address = f"/store/orders/{order.number}/mail/"
    form = tablet.form(tablet.get(f"/store/orders/{order.number}/"), address)
    for to in ("a@example.se", "a@example.se", "b@example.se"):
        tablet.send(address, form | {"email": to})
    assert sorted(Mail.objects.values_list("to", flat=True)) == ["a@example.se", "b@example.se"]


def test_a_clerk_confirms_the_address_of_a_customer_whom_he_has_looked_up(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    order = bought(priced, whose=anna, contact=ANNA)
    address = f"/store/orders/{order.number}/"
    assert tablet.form(tablet.get(address), f"{address}mail/")["email"] == [""]
    look_up_anna(tablet)
    page = tablet.get(address)
    assert tablet.form(page, f"{address}mail/")["email"] == [ANNA["email"]]
    tablet.tap(page, f"{address}mail/")
    mail = Mail.objects.get()
    assert (mail.to, mail.name) == (ANNA["email"], ANNA["name"])
    assert "/o/" in mail.text


def test_whoever_may_not_hand_on_her_link_mails_the_receipt_without_it(
    tablet: Tablet, priced: Shop, anna: int
) -> None:
    """By the link one cancels, and sees where she lives."""
    order = bought(priced, whose=anna, contact=ANNA)
    mail_it(tablet, order, email="oskars.friend@example.se")
    mail = Mail.objects.get()
    assert "/o/" not in mail.text + mail.html
    assert "Anna" not in mail.text + mail.html + mail.name
    assert mail.attached is not None


@pytest.mark.parametrize("typed", ["", "no address", "a@b\nBcc: c@example.se"])
def test_what_is_no_address_is_refused_and_said(tablet: Tablet, priced: Shop, typed: str) -> None:
    done = mail_it(tablet, bought(priced), email=typed)
    assert "no e-mail address that mail can be sent to" in done
    assert not Mail.objects.exists()


def test_where_no_mail_server_is_set_up_it_is_said(
    tablet: Tablet, priced: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPINDEL_SMTP_URL", raising=False)
    done = mail_it(tablet, bought(priced), email="a@example.se")
    assert "no mail server is set up" in done
    assert "on its way" not in done
    assert Mail.objects.count() == 1


def test_the_file_goes_with_what_the_mail_said(clerk: User, tablet: Tablet, priced: Shop) -> None:
    mail_it(tablet, bought(priced), email="a@example.se")
    Mail.objects.update(made_at=Mail.objects.get().made_at - timedelta(days=31))
    jobs.tidy()
    mail = Mail.objects.get()
    assert (mail.text, mail.attached, mail.put_away) == ("", None, True)
