"""Mail goes to a real server: once, or later, or is given up; and none holds up another."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import timezone

from spindel.kit.refusal import Refusal
from spindel.messages import jobs, sending
from spindel.messages.actions import send_again
from spindel.messages.models import Mail
from tests.mailbox import SENDER, Mailbox, html_of, subject_of, text_of
from tests.messages.cast import KEY, ask
from tests.run.running import environment, free_port
from tests.telling import wait_until

WORKER = """
import django
django.setup()
from spindel.messages.jobs import step
while step():
    pass
"""


def send() -> None:
    """As a worker does with what is due."""
    while jobs.step():
        pass


def pass_time(**how_much: float) -> None:
    """Have all that waits wait for that much less."""
    for mail in Mail.objects.waiting():
        mail.due -= timedelta(**how_much)
        mail.made_at -= timedelta(**how_much)
        if mail.ends_at is not None:
            mail.ends_at -= timedelta(**how_much)
        mail.save()


def worker(database: str, mailbox: Mailbox) -> subprocess.Popen[bytes]:
    """A process that sends what is due, and ends."""
    settings = environment(
        SPINDEL_HOME=os.environ["SPINDEL_HOME"],
        SPINDEL_SECRET_KEY=os.environ["SPINDEL_SECRET_KEY"],
        SPINDEL_DATABASE_URL=database,
        SPINDEL_SMTP_URL=mailbox.url,
        SPINDEL_MAIL_FROM=SENDER,
        DJANGO_SETTINGS_MODULE="spindel.kit.settings",
    )
    return subprocess.Popen([sys.executable, "-c", WORKER], env=settings)


# --- what arrives ---------------------------------------------------------------------------------


def test_it_arrives_as_it_was_meant(database: str, mailbox: Mailbox) -> None:
    asked = ask(
        "asa@räksmörgås.se",
        name='Åsa "Öl", Ångström',
        subject="Din offert på skor för många tusen kronor, som du kan acceptera redan idag 👟",
        text="Hej Åsa!\n\nHär är den: https://shop.example/q/abc\n" + "å" * 2_000,
        html="<p>Hej Åsa!</p>",
        language="sv",
    )
    send()
    got = mailbox.wait_for("asa@xn--rksmrgs-5wao1o.se")
    (to,) = got["To"].addresses
    (sender,) = got["From"].addresses
    assert (to.display_name, to.addr_spec) == ('Åsa "Öl", Ångström', asked.to)
    assert (sender.display_name, sender.addr_spec) == ("Nordsko Åsa", "hello@nordsko.example")
    assert subject_of(got) == asked.subject
    assert text_of(got).strip() == asked.text.strip()
    assert html_of(got).strip() == "<p>Hej Åsa!</p>"
    assert got["Message-ID"] == asked.message_id
    assert got["Message-ID"].endswith("@nordsko.example>")
    assert (got["Content-Language"], got["Auto-Submitted"]) == ("sv", "auto-generated")
    asked.refresh_from_db()
    assert asked.done_at


def test_nothing_is_sent_before_the_transaction_commits(database: str, mailbox: Mailbox) -> None:
    with transaction.atomic():
        ask()
        process = worker(database, mailbox)
        assert process.wait(60) == 0
        assert not mailbox.asked
    send()
    assert len(mailbox.messages) == 1


def test_the_same_key_is_one_mail(database: str, mailbox: Mailbox) -> None:
    ask(key=KEY)
    send()
    ask(key=KEY)
    send()
    assert len(mailbox.messages) == 1


def test_workers_that_race_send_each_mail_once(database: str, mailbox: Mailbox) -> None:
    """Field notes: two overlapping senders mail the same person; the same mail twice."""
    addresses = [f"customer{number}@example.se" for number in range(60)]
    for address in addresses:
        ask(address)
    mailbox.hold()  # until all are there
    processes = [worker(database, mailbox) for _ in range(4)]
    wait_until(lambda: len(mailbox.asked) == 4, 60)
    mailbox.go_on()
    assert [process.wait(120) for process in processes] == [0, 0, 0, 0]
    assert sorted(mailbox.recipients) == sorted(addresses)
    assert not Mail.objects.waiting().exists()


def test_mails_in_a_row_share_a_connection(database: str, mailbox: Mailbox) -> None:
    for _ in range(10):
        ask()
    send()
    assert (len(mailbox.messages), mailbox.connections) == (10, 1)


# --- what does not --------------------------------------------------------------------------------


def test_a_bad_address_is_given_up_and_holds_up_nobody(database: str, mailbox: Mailbox) -> None:
    """Field notes: one bad address, everyone else mailed endlessly."""
    mailbox.always_answer("bad@example.se", "550 no such bad@example.se here")
    bad = ask("bad@example.se")
    for number in range(5):
        ask(f"customer{number}@example.se")
    for _ in range(3):
        send()
        pass_time(hours=2)
    bad.refresh_from_db()
    assert bad.failed_at
    assert bad.error == "SMTPRecipientsRefused 550", "a code, and not what the server said"
    assert mailbox.asked.count("bad@example.se") == 1
    assert sorted(mailbox.recipients) == [f"customer{number}@example.se" for number in range(5)]


def test_a_later_is_tried_again_with_growing_pauses_until_it_is_taken(
    database: str, mailbox: Mailbox
) -> None:
    mailbox.answer("anna@example.se", "451 greylisted", "451 greylisted", "421 busy")
    asked, pauses = ask(), []
    for _ in range(3):
        send()
        asked.refresh_from_db()
        assert asked.error
        assert not mailbox.messages
        send()
        pauses.append(asked.due - timezone.now())
        pass_time(hours=1)
    assert len(mailbox.asked) == 3, "not before it is due"
    assert all(shorter < longer for shorter, longer in pairwise(pauses))
    send()
    asked.refresh_from_db()
    assert (len(mailbox.messages), asked.attempts, asked.error) == (1, 4, "")
    assert asked.done_at


def test_after_a_day_it_is_given_up(database: str, mailbox: Mailbox) -> None:
    mailbox.always_answer("anna@example.se", "451 later")
    asked = ask()
    for _ in range(40):
        send()
        pass_time(hours=1)
    jobs.tidy()
    asked.refresh_from_db()
    assert asked.failed_at
    assert asked.error == "SMTPRecipientsRefused 451"
    assert 10 < len(mailbox.asked) < 30


def test_what_is_over_by_now_is_not_sent_and_is_told_as_such(
    database: str, mailbox: Mailbox
) -> None:
    mailbox.stop()
    ends_at = timezone.now() + timedelta(minutes=30)
    tried, never_tried = ask(purpose="login", ends_at=ends_at), ask(ends_at=ends_at)
    send()
    pass_time(minutes=31)
    mailbox.start()
    send()
    jobs.tidy()
    assert not mailbox.asked
    for mail, error in ((tried, "ConnectionRefusedError"), (never_tried, "Over")):
        mail.refresh_from_db()
        assert (mail.error, mail.is_over) == (error, True)
        assert mail.failed_at
    assert tried.text == ""
    with pytest.raises(Refusal, match="is over"):
        send_again(never_tried.pk)


def test_it_is_tried_while_what_it_says_lasts_and_sent_if_it_is_taken_then(
    database: str, mailbox: Mailbox
) -> None:
    mailbox.answer("anna@example.se", "451 later", "451 later", "451 later")
    mailbox.always_answer("bo@example.se", "451 later")
    ends_at = timezone.now() + timedelta(minutes=30)
    hers, his = ask(ends_at=ends_at), ask("bo@example.se", ends_at=ends_at)
    for _ in range(10):
        send()
        pass_time(minutes=3)
    hers.refresh_from_db()
    his.refresh_from_db()
    assert hers.done_at
    assert his.failed_at
    assert his.error == "SMTPRecipientsRefused 451"
    assert 3 < mailbox.asked.count("bo@example.se") < 8


def test_while_the_server_is_down_mails_wait(database: str, mailbox: Mailbox) -> None:
    mailbox.stop()
    for number in range(5):
        ask(f"customer{number}@example.se")
    assert not jobs.step(), "one attempt is enough to know"
    assert sorted(Mail.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]
    assert Mail.objects.get(attempts=1).error == "ConnectionRefusedError"
    mailbox.start()
    send()
    pass_time(minutes=5)
    send()
    assert len(mailbox.messages) == 5
    assert len(set(mailbox.recipients)) == 5


def test_a_server_that_hangs_up_on_a_mail_gets_the_others(
    database: str, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Field notes: a list stopped at one that failed."""
    monkeypatch.setattr(sending.Session.__init__, "__defaults__", (1,))  # second
    mailbox.hold()
    ask("slow@example.se")
    send()
    mailbox.go_on()
    ask("other@example.se")
    send()
    assert mailbox.recipients == ["other@example.se"]
    pass_time(minutes=2)
    send()
    assert mailbox.recipients == ["other@example.se", "slow@example.se"]


def test_a_clock_that_is_put_back_holds_up_no_mail(database: str, mailbox: Mailbox) -> None:
    mailbox.stop()
    ask()
    send()
    mailbox.start()
    tomorrow = timezone.now() + timedelta(days=1)  # as the clock said when it was put off
    Mail.objects.update(made_at=tomorrow, due=tomorrow + timedelta(minutes=1))
    send()
    assert len(mailbox.messages) == 1


def test_without_a_server_mails_are_kept_for_a_day(
    database: str, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_SMTP_URL", "")
    ask("early@example.se")
    pass_time(days=2)
    ask("today@example.se")
    send()
    jobs.tidy()
    monkeypatch.setenv("SPINDEL_SMTP_URL", mailbox.url)
    send()
    assert mailbox.recipients == ["today@example.se"]
    early = Mail.objects.get(to="early@example.se")
    assert early.error == "Late"
    assert early.settled_at, "nobody has to look at each where none is to be sent"


# --- workers that die -----------------------------------------------------------------------------


def test_a_worker_killed_before_the_mail_is_sent_leaves_it_to_another_later(
    database: str, mailbox: Mailbox
) -> None:
    asked = ask()
    mailbox.hold()
    process = worker(database, mailbox)
    wait_until(mailbox.held.is_set, 60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    mailbox.go_on()
    send()
    assert not mailbox.messages, "it may be about to be sent, as far as anybody knows"
    pass_time(seconds=jobs.CLAIM.total_seconds())
    send()
    asked.refresh_from_db()
    assert (len(mailbox.messages), asked.attempts) == (1, 2)
    assert asked.done_at


def test_a_worker_killed_after_the_mail_is_sent_does_not_repeat_it_endlessly(
    database: str, mailbox: Mailbox
) -> None:
    """Field notes: a crash mid-batch mails again. Once, and a mail program can tell that it is."""
    for number in range(3):
        ask(f"customer{number}@example.se")
    mailbox.hold(after=True)
    process = worker(database, mailbox)
    wait_until(mailbox.held.is_set, 60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    mailbox.go_on()
    for _ in range(3):
        pass_time(seconds=jobs.CLAIM.total_seconds())
        send()
    (twice,) = {one for one in mailbox.recipients if mailbox.recipients.count(one) > 1}
    first, again = mailbox.to(twice)
    assert first["Message-ID"] == again["Message-ID"]
    assert len(mailbox.messages) == 4


def test_what_was_taken_while_the_database_was_away_is_recorded_once_it_is_back(
    database: str, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask()
    record = jobs._record_taken
    with monkeypatch.context() as away:
        away.setattr(jobs, "_record_taken", lambda: None)
        send()
    asked.refresh_from_db()
    assert not asked.done_at
    record()
    pass_time(hours=1)
    send()
    asked.refresh_from_db()
    assert asked.done_at
    assert len(mailbox.messages) == 1


# --- what is put away -----------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["250 OK", "550 no"])
def test_a_login_mail_holds_no_secret_once_it_is_done_with(
    answer: str, database: str, mailbox: Mailbox
) -> None:
    mailbox.always_answer("anna@example.se", answer)
    asked = ask(purpose="login", text="https://shop.example/in/secret", html="<p>secret</p>")
    send()
    asked.refresh_from_db()
    assert bool(asked.done_at) == answer.startswith("250")
    assert (asked.text, asked.html, asked.put_away) == ("", "", True)
    assert asked.subject


def test_bodies_are_put_away_after_a_month(database: str, mailbox: Mailbox) -> None:
    old, new = ask(), ask()
    send()
    Mail.objects.filter(pk=old.pk).update(made_at=timezone.now() - timedelta(days=31))
    jobs.tidy()
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.text, old.put_away) == ("", True)
    assert (new.text, new.put_away) == ("Here it is.", False)


def test_a_port_that_nobody_listens_on_is_no_error_of_the_worker(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_SMTP_URL", f"smtps://a:b@127.0.0.1:{free_port()}")
    monkeypatch.setenv("SPINDEL_MAIL_FROM", SENDER)
    ask()
    assert jobs.step() is False
