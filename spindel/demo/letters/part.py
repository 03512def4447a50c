"""The letter box as a part of the server that a demo runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spindel.kit import environment
from spindel.kit.shared_connection import SharedConnection

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.types import Receive, Scope, Send


class Letters:
    """Answers below /demo-mail/, where this home is a demo that sends no mail.

    A letter may hold a key to somebody's page: nobody but a demo shows them.
    """

    def __init__(self) -> None:
        self._app: Starlette | None = None
        self._database = SharedConnection("spindel-letters")

    async def stop(self) -> None:
        """Let go of the connection."""
        await self._database.close()

    def serves(self, path: str) -> bool:
        """Whether the path is one of the letter box's, and there is one."""
        if not path.startswith("/demo-mail/"):
            return False
        is_demo = (environment.home() / "demo.json").exists()
        return is_demo and not environment.value("SPINDEL_SMTP_URL")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            from spindel.demo.letters.box import application  # not before: only a demo has one

            self._app = application(self._database)
        await self._app(scope, receive, send)
