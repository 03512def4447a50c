"""A load generator: HTTP requests over some kept-alive connections, all by one thread."""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

_PATIENCE = 30.0  # seconds


class Answer(NamedTuple):
    """What the server said to a request."""

    status: int
    body: bytes


# Yields a request and is sent its answer, so that the next request may depend on it.
Talk = Generator[bytes, Answer, None]


@dataclass(frozen=True, slots=True)
class Load:
    """How long it took until all was answered, in seconds; and of each answer how long it was
    waited for, since when (of `time.perf_counter`), and how many requests had been sent before.
    """

    seconds: float
    waits: list[float]
    due: list[float]
    order: list[int]


def drive(
    port: int,
    requests: Sequence[bytes],
    connections: int,
    rate: float | None = None,
    mark: Callable[[], None] | None = None,
) -> Load:
    """Send them all, as `converse` does; `mark` is called at every tenth of the way.

    Raises RuntimeError when one is refused.
    """
    answered, marked = 0, 0

    def accepted(request: bytes) -> Talk:
        nonlocal answered, marked
        answer = yield request
        if answer.status != 200:
            raise RuntimeError(f"Refused: {answer.status} {answer.body[:300]!r}")
        answered += 1
        if mark is not None and answered * 10 // len(requests) > marked:
            marked = answered * 10 // len(requests)
            mark()

    return converse(port, [accepted(request) for request in requests], connections, rate)


def converse(
    port: int,
    talks: Iterable[Talk],
    connections: int,
    rate: float | None = None,
    seconds: float | None = None,
) -> Load:
    """Hold the talks until they end, or for so long: the next turn on whichever connection is free.

    Paced, `rate` requests a second are due, and a request has waited since then, also when no
    connection was free.
    """
    free = deque(_Connection(port) for _ in range(connections))
    by_number = {connection.number: connection for connection in free}
    turns = deque((talk, next(talk)) for talk in talks)
    waits: list[float] = []
    due: list[float] = []
    order: list[int] = []
    sent = 0
    with select.epoll() as poll:
        for number in by_number:
            poll.register(number, select.EPOLLIN)
        start = time.perf_counter()
        while turns or len(free) < connections:
            now = time.perf_counter()
            while turns and free and (rate is None or start + sent / rate <= now):
                connection = free.popleft()  # in turn: the server closes those that are idle
                connection.ask(*turns.popleft(), now if rate is None else start + sent / rate, sent)
                sent += 1
            patience = _PATIENCE
            if rate is not None and free and turns:
                patience = max(0.0, start + sent / rate - time.perf_counter())
            ready = poll.poll(patience)
            if not ready and patience == _PATIENCE:
                raise RuntimeError(f"No answer within {_PATIENCE:.0f} s.")
            for number, _ in ready:
                connection = by_number[number]
                answer = connection.answer()
                if answer is None:
                    continue
                waits.append(time.perf_counter() - connection.due)
                due.append(connection.due)
                order.append(connection.order)
                free.append(connection)
                with suppress(StopIteration):
                    turns.append((connection.talk, connection.talk.send(answer)))
            if seconds is not None and time.perf_counter() - start > seconds:
                turns.clear()
        taken = time.perf_counter() - start
    for connection in by_number.values():
        connection.close()
    return Load(taken, waits, due, order)


class _Connection:
    """One that is kept alive; a request at a time."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = self._socket.fileno()
        self.close = self._socket.close
        self.talk: Talk
        self.due = 0.0
        self.order = 0
        self._received = b""

    def ask(self, talk: Talk, request: bytes, due: float, order: int) -> None:
        """Send the request."""
        self.talk, self.due, self.order = talk, due, order
        self._socket.sendall(request)

    def answer(self) -> Answer | None:
        """The answer, once it is here whole. Raises RuntimeError when the server hangs up."""
        received = self._socket.recv(65_536)
        if not received:
            raise RuntimeError("The server has closed a connection.")
        self._received += received
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < _length(head):
            return None
        self._received = b""
        return Answer(int(head[9:12]), body)


def _length(head: bytes) -> int:
    """Of the body. Servers here always tell it, where there is one."""
    _, _, after = head.lower().partition(b"\r\ncontent-length:")
    return int(after.partition(b"\r\n")[0] or 0)
