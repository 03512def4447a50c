"""A device at the shop, which asks the shop's API as a shop does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from django.test import Client

from spindel.messages.models import Mail


class AtShop:
    """A device at the shop."""

    def __init__(self, secret: str, browser: str, whose: str | None = None) -> None:
        self._client = Client()
        said = {"browser": browser, "whose": whose}
        answer = self._send("POST", "sessions", said, secret)
        assert answer.status_code == 201, answer.content
        self.key = answer.json()["key"]

    def _send(self, method: str, path: str, body: object, key: str, **headers: str):
        return self._client.generic(
            method,
            f"/api/shop/{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}", **headers},
        )

    def ask(self, method: str, path: str, body: object = None, **headers: str):
        return self._send(method, path, body, self.key, **headers)

    def add(self, sku: str, quantity: int = 1, **more: object) -> dict[str, int]:
        answer = self.ask("POST", "cart/lines", {"sku": sku, "quantity": quantity, **more})
        assert answer.status_code == 200, answer.content
        return lines(answer.json())

    def put(self, sku: str, **more: object):
        return self.ask("PUT", f"cart/lines/{sku}", more)

    def cart(self) -> dict[str, int]:
        return lines(self.ask("GET", "cart").json())


def lines(cart: dict) -> dict[str, int]:
    return {line["sku"]: line["quantity"] for line in cart["lines"]}


def log_in(device: AtShop, email: str) -> None:
    assert device.ask("POST", "login", {"email": email}).status_code == 202
    code = re.search(r"code=([\w-]+)", Mail.objects.filter(purpose="login").latest("pk").text)
    assert code
    answer = device.ask("POST", "login/confirm", {"code": code[1]})
    assert answer.status_code == 200, answer.content
    assert answer.json()["known"] is True
    device.key = answer.json()["key"]


Come = Callable[..., AtShop]
