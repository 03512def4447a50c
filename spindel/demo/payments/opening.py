"""The demo's bank, set up as the settings say: whoever asks Stripe asks it."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from spindel.demo.payments import ROOT
from spindel.kit import environment

if TYPE_CHECKING:
    from spindel.demo.payments.app import DemoBank


def settle(url: str) -> None:
    """Have the program at the address ask the bank there, unless it is to ask Stripe itself."""
    if environment.value("SPINDEL_STRIPE_KEY"):
        return
    os.environ["SPINDEL_STRIPE_KEY"] = f"sk_test_{secrets.token_hex(16)}"
    os.environ["SPINDEL_STRIPE_WEBHOOK_SECRET"] = f"whsec_{secrets.token_hex(16)}"
    os.environ["SPINDEL_STRIPE_URL"] = url + ROOT


def at_hand() -> DemoBank | None:
    """The bank, where this program is the one that has it."""
    url = environment.value("SPINDEL_STRIPE_URL")
    if not url.endswith(ROOT):
        return None
    # Not before: only a demo has a bank.
    from spindel.demo.payments.app import DemoBank
    from spindel.demo.payments.bank import Bank

    bank = Bank(
        environment.home() / "run" / "bank.sqlite",
        key=environment.value("SPINDEL_STRIPE_KEY"),
        secret=environment.value("SPINDEL_STRIPE_WEBHOOK_SECRET"),
        page=url,
        webhook=url.removesuffix(ROOT) + "/webhooks/stripe",
    )
    return DemoBank(bank)
