"""The mail server's address is read, or refused in words that help and tell no password."""

from __future__ import annotations

import pytest

from spindel.kit import smtp

FROM = "Nordsko <hello@nordsko.example>"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://me:a%40b@mail.example.com", ("mail.example.com", 465, "tls", "me", "a@b")),
        ("smtp://me:pw@mail.example.com?tls=starttls", ("mail.example.com", 587, "starttls")),
        ("smtp://mail.example.com:2525/?tls=none", ("mail.example.com", 2525, "none", "", "")),
        ("smtp://127.0.0.1:1025", ("127.0.0.1", 1025, "none", "", "")),
        ("smtp://localhost", ("localhost", 25, "none", "", "")),
        ("smtp://[::1]:1025", ("::1", 1025, "none", "", "")),
    ],
)
def test_an_address_says_where_and_how(
    url: str, server: tuple[str | int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_SMTP_URL", url)
    monkeypatch.setenv("SPINDEL_MAIL_FROM", FROM)
    read = smtp.server()
    assert read is not None
    told = (read.host, read.port, read.security, read.user, read.password)
    assert told[: len(server)] == server
    assert "a@b" not in repr(read)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("mail.example.com", "begin with smtp"),
        ("http://mail.example.com", "begin with smtp"),
        ("smtp://", "name a host"),
        ("smtp://mail.example.com/inbox", "name a host"),
        ("smtp://me:secret@mail.example.com:many", "no number"),
        ("smtp://me@mail.example.com?tls=starttls", "both a user and a password"),
        ("smtp://me:secret@mail.example.com", "tls=starttls"),
        ("smtp://me:secret@mail.example.com?tls=maybe", "tls=starttls"),
        ("smtp://localhost?verify=no", "no option but tls"),
        ("smtps://me:secret@mail.example.com?tls=starttls", "TLS from the start"),
        ("smtp://me:secret[@mail.example.com", "can't be read"),
    ],
)
def test_what_can_not_be_read_is_told_without_its_password(
    url: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_SMTP_URL", url)
    monkeypatch.setenv("SPINDEL_MAIL_FROM", FROM)
    with pytest.raises(SystemExit, match=complaint) as refused:
        smtp.server()
    assert "SPINDEL_SMTP_URL" in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("sender", ["Nordsko", "a@b@c", "Nordsko <hello@nordsko>x", "å@nordsko.se"])
def test_a_sender_that_is_no_address_is_refused(
    sender: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_SMTP_URL", "smtp://localhost")
    monkeypatch.setenv("SPINDEL_MAIL_FROM", sender)
    with pytest.raises(SystemExit, match="SPINDEL_MAIL_FROM"):
        smtp.server()


def test_a_server_without_a_sender_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPINDEL_SMTP_URL", "smtp://localhost")
    monkeypatch.setenv("SPINDEL_MAIL_FROM", "")
    with pytest.raises(SystemExit, match="set SPINDEL_MAIL_FROM"):
        smtp.server()


def test_no_server_is_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPINDEL_SMTP_URL", raising=False)
    monkeypatch.delenv("SPINDEL_MAIL_FROM", raising=False)
    assert smtp.server() is None
    assert smtp.own_domain() == "spindel.invalid"
