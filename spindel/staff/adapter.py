"""How allauth behaves here: nobody signs up, people are let in by an administrator."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """No open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: `spindel createadmin` makes the first, administrators make the others."""
        return False
