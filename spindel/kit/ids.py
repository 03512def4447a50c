"""Ids of rows: one bound for all of them, whether they stand in an address or were sent."""

from __future__ import annotations

LARGEST = 2**63 - 1  # what PostgreSQL's bigint can hold


class InAddress:
    """`<id:…>` in an address. What is past the largest is nobody's, so it is not found."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        """The id. Raises ValueError, on which Django looks for another address."""
        id = int(value)
        if id > LARGEST:
            raise ValueError("No row has this id.")
        return id

    def to_url(self, value: int) -> str:
        """The part of the address."""
        return str(value)


def read(text: str) -> int:
    """An id as it was sent with a form or a question; 0, which is nobody's, for what is none."""
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        return 0
    return bounded(int(text))


def bounded(id: int) -> int:
    """The id; 0, which is nobody's, where no row can have it."""
    return id if 0 < id <= LARGEST else 0
