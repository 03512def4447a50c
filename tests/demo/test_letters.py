"""The demo's letter box: what it would have mailed, and nowhere else."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import httpx
import pytest

from spindel.demo.letters.box import application
from spindel.demo.letters.part import Letters
from spindel.kit.shared_connection import SharedConnection
from spindel.messages.actions import Outgoing, send_mail


def ask(path: str = "/demo-mail/") -> httpx.Response:
    async def get() -> httpx.Response:
        database = SharedConnection("spindel-letters")
        transport = httpx.ASGITransport(application(database))
        async with httpx.AsyncClient(transport=transport, base_url="http://demo") as client:
            answer = await client.get(path)
        await database.close()
        return answer

    return asyncio.run(get())


def test_a_letter_is_shown_with_its_link_and_nothing_of_it_runs(database: str) -> None:
    assert "No letters yet" in ask().text
    send_mail(
        Outgoing(
            to="anna@example.se",
            subject="Log in <b>",
            text="Open https://shop.example/login?code=x&back=/my\n<script>alert(1)</script>",
            language="sv",
            purpose="login",
            key=uuid.uuid4(),
        )
    )
    answer = ask()
    assert answer.status_code == 200
    assert 'href="https://shop.example/login?code=x&amp;back=/my"' in answer.text
    assert "<script>" not in answer.text
    assert "<b>" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_only_a_demo_that_sends_nothing_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPINDEL_HOME", str(tmp_path))
    monkeypatch.delenv("SPINDEL_SMTP_URL", raising=False)
    assert not Letters().serves("/demo-mail/")
    (tmp_path / "demo.json").write_text("{}")
    assert Letters().serves("/demo-mail/")
    assert not Letters().serves("/shop/")
    monkeypatch.setenv("SPINDEL_SMTP_URL", "smtp://localhost:25")
    assert not Letters().serves("/demo-mail/")


def test_a_letter_is_shown_as_a_mail_program_does_with_its_file(database: str) -> None:
    mail = send_mail(
        Outgoing(
            to="anna@example.se",
            subject="Your receipt",
            text="It is attached.",
            html="<!doctype html><p style='color:red'>It is attached.</p>",
            attached=b"%PDF-1.4",
            attached_as="Receipt-1.pdf",
            language="en",
            purpose="receipt",
            key=uuid.uuid4(),
        )
    )
    assert f'href="/demo-mail/{mail.pk}/"' in ask().text
    shown = ask(f"/demo-mail/{mail.pk}/")
    assert "<p style='color:red'>" in shown.text
    assert "sandbox" in shown.headers["content-security-policy"]
    assert ask(f"/demo-mail/{mail.pk}/file").content == b"%PDF-1.4"
    assert ask("/demo-mail/0/").status_code == ask(f"/demo-mail/{2**70}/").status_code == 404
