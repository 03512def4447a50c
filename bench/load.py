"""A load generator: requests made beforehand, sent over some connections by one thread."""

from __future__ import annotations

import select
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_END = b'{"success": true}'


@dataclass(frozen=True, slots=True)
class Load:
    """How long it took until all was acknowledged, and how long each request waited; seconds."""

    seconds: float
    waits: list[float]


def drive(
    port: int,
    requests: Sequence[bytes],
    connections: int,
    rate: float | None = None,
    mark: Callable[[], None] | None = None,
) -> Load:
    """Send them all, the next one on whichever connection is free; or `rate` of them a second.

    Paced, a request has waited since it was due, also when no connection was free by then.
    `mark` is called at every tenth of the way. Raises RuntimeError when one is refused.
    """
    free = deque(_connect(port) for _ in range(connections))
    by_number = {connection.fileno(): connection for connection in free}
    due: dict[int, float] = {}
    answers: dict[int, bytes] = {}
    waits: list[float] = []
    sent, marked = 0, 0
    with select.epoll() as poll:
        for number in by_number:
            poll.register(number, select.EPOLLIN)
        start = time.perf_counter()
        while len(waits) < len(requests):
            now = time.perf_counter()
            while free and sent < len(requests) and (rate is None or start + sent / rate <= now):
                connection = free.popleft()  # in turn: the server closes those that are idle
                due[connection.fileno()] = now if rate is None else start + sent / rate
                connection.sendall(requests[sent])
                sent += 1
            patience = 30.0
            if rate is not None and free and sent < len(requests):
                patience = max(0.0, start + sent / rate - time.perf_counter())
            ready = poll.poll(patience)
            if not ready and patience == 30.0:
                raise RuntimeError("No answer within 30 s.")
            for number, _ in ready:
                received = by_number[number].recv(4096)
                if not received:
                    raise RuntimeError("The server has closed a connection.")
                answer = answers.pop(number, b"") + received
                if not answer.endswith(_END):
                    _check(answer)
                    answers[number] = answer
                    continue
                _check(answer)
                waits.append(time.perf_counter() - due.pop(number))
                free.append(by_number[number])
            if mark is not None and len(waits) * 10 // len(requests) > marked:
                marked = len(waits) * 10 // len(requests)
                mark()
        seconds = time.perf_counter() - start
    for connection in by_number.values():
        connection.close()
    return Load(seconds, waits)


def _check(answer: bytes) -> None:
    if not b"HTTP/1.1 200".startswith(answer[:12]):
        raise RuntimeError(f"Refused: {answer[:300]!r}")


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
