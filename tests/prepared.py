"""What a process imports that others are forked from (tests/forks.py)."""

from __future__ import annotations

import multiprocessing
import os

from granian.constants import Interfaces
from granian.server.mp import MPServer

import tests.commerce.orders.buyer
import tests.commerce.orders.ordering
import tests.passwords  # noqa: F401  # so that they have been imported
from spindel.console import live, warming, wsgi  # noqa: F401  # the same
from spindel.run import collect_app, front  # noqa: F401  # the same
from spindel.shop import live_carts  # noqa: F401  # the same

warming.warm()  # what is forked shares it, and has nothing of it to look through


def serve(port: int, log: str, module: str = front.__name__) -> None:
    """Be a server of everything on a port, or of the module's `app`, with one process that answers;
    in a group of its own.
    """
    os.setsid()
    file = os.open(log, os.O_WRONLY | os.O_CREAT)
    for number in (1, 2):
        os.dup2(file, number)
    multiprocessing.set_start_method("fork", force=True)  # else the one that answers starts anew
    server = MPServer(f"{module}:app", port=port, interface=Interfaces.ASGI, websockets=False)
    server.serve()
