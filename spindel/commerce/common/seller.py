"""Who sells: as quotes, the pages of orders, and receipts say it."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr

from spindel.kit import environment, smtp


@dataclass(frozen=True, slots=True)
class Seller:
    """A name, a number in the register of companies or of VAT, and where the company is."""

    name: str
    number: str
    address: str


def seller() -> Seller:
    """Whoever is set; by name at least whoever mail is from."""
    name = environment.value("SPINDEL_SELLER").strip()
    return Seller(
        name or parseaddr(smtp.sender())[0],
        environment.value("SPINDEL_SELLER_NUMBER").strip(),
        environment.value("SPINDEL_SELLER_ADDRESS").strip(),
    )
