"""Whoever keeps it running sees mail that waits, and mail that was given up."""

from __future__ import annotations

import os
import subprocess
import sys

import httpx
import pytest
from django.test import Client

from spindel.kit import embedded
from spindel.messages import jobs
from spindel.messages.models import Mail
from tests.mailbox import SENDER, Mailbox
from tests.messages.cast import ask
from tests.run.running import Running, environment, free_port, new_home, spindel


def test_the_figures_count_what_waits_and_what_failed(database: str, mailbox: Mailbox) -> None:
    mailbox.always_answer("bad@example.se", "550 no")
    mailbox.always_answer("later@example.se", "450 later")
    ask("bad@example.se")
    ask("later@example.se")
    ask("good@example.se")
    while jobs.step():
        pass
    waiting, seconds, failed = Mail.objects.figures()
    assert (waiting, failed) == (1, 1)
    assert 0 < seconds < 300


def test_they_are_among_the_metrics(database: str) -> None:
    told = Client().get("/metrics").content.decode()
    for name in ("spindel_mails_waiting", "spindel_mails_waiting_seconds", "spindel_mails_failed"):
        assert f"\n{name} " in told


@pytest.mark.slow
def test_the_worker_sends_at_once_and_goes_on_after_an_outage(mailbox: Mailbox) -> None:
    served = Running("serve", SPINDEL_SMTP_URL=mailbox.url, SPINDEL_MAIL_FROM=SENDER)
    try:
        served.wait_until_well()
        _ask_there(served, "first@example.se")
        mailbox.wait_for("first@example.se")
        mailbox.stop()
        mailbox.start()
        _ask_there(served, "second@example.se")
        mailbox.wait_for("second@example.se")
        assert "spindel_mails_waiting 0.0" in httpx.get(f"{served.url}/metrics", timeout=10).text
    finally:
        served.clean_up()


def _ask_there(served: Running, address: str) -> None:
    """As an action of the running Spindel would."""
    code = f"""
import uuid, django
django.setup()
from spindel.messages.actions import Outgoing, send_mail
send_mail(Outgoing(to={address!r}, subject="Hello", text="Hello", language="en", purpose="quote",
          key=uuid.uuid4()))
"""
    url = embedded.url(served.home)
    assert url
    settings = environment(
        SPINDEL_HOME=str(served.home),
        SPINDEL_DATABASE_URL=url,
        DJANGO_SETTINGS_MODULE="spindel.kit.settings",
    )
    subprocess.run([sys.executable, "-c", code], env=settings, check=True, timeout=60)


@pytest.mark.slow
def test_doctor_says_whether_the_mail_server_lets_us_in(database: str, mailbox: Mailbox) -> None:
    settings = {
        "SPINDEL_HOME": str(new_home()),
        "SPINDEL_PORT": str(free_port()),
        "SPINDEL_DATABASE_URL": os.environ["SPINDEL_DATABASE_URL"],
        "SPINDEL_MAIL_FROM": SENDER,
    }
    ask()
    told = spindel("doctor", **settings).stdout
    assert "no mail server" in told
    assert "mail: 1 waiting, 0 given up" in told
    told = spindel("doctor", SPINDEL_SMTP_URL=mailbox.url, **settings).stdout
    assert f"ok  mail server 127.0.0.1:{mailbox.port}" in told
    mailbox.stop()
    told = spindel("doctor", SPINDEL_SMTP_URL=mailbox.url, **settings).stdout
    assert f"NO  mail server 127.0.0.1:{mailbox.port}: ConnectionRefusedError" in told


@pytest.mark.slow
@pytest.mark.parametrize("command", ["serve", "work", "doctor"])
def test_an_address_that_can_not_be_read_is_said_once(command: str, database: str) -> None:
    told = spindel(
        command,
        SPINDEL_HOME=str(new_home()),
        SPINDEL_PORT=str(free_port()),
        SPINDEL_DATABASE_URL=database,
        SPINDEL_SMTP_URL="smtp://me:hushhush@mail.example.com",
        SPINDEL_MAIL_FROM=SENDER,
    )
    assert told.returncode == 1
    assert (told.stdout + told.stderr).count("SPINDEL_SMTP_URL should end with ?tls=starttls") == 1
    assert "hushhush" not in told.stdout + told.stderr
