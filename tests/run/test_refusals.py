"""What keeps it from starting is one line that says what to do, and a status."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from tests.run.running import free_port, new_home, spindel

pytestmark = pytest.mark.slow


def test_a_home_that_cannot_be_written_to() -> None:
    home = new_home() / "file"
    home.touch()
    refused = spindel("serve", SPINDEL_HOME=str(home / "below"), SPINDEL_PORT=str(free_port()))
    _is_one_line(refused.returncode, refused.stderr, "SPINDEL_HOME")


@pytest.mark.parametrize("command", ["serve", "web", "collect", "work"])
def test_a_database_out_of_reach(command: str) -> None:
    refused = spindel(
        command,
        SPINDEL_HOME=str(new_home()),
        SPINDEL_PORT=str(free_port()),
        SPINDEL_DATABASE_URL=f"postgresql://me:secret@127.0.0.1:{free_port()}/spindel",
    )
    _is_one_line(refused.returncode, refused.stderr, "SPINDEL_DATABASE_URL")
    assert "secret" not in refused.stderr


def test_a_database_that_is_too_old(old_server: int) -> None:
    refused = spindel(
        "serve",
        SPINDEL_HOME=str(new_home()),
        SPINDEL_PORT=str(free_port()),
        SPINDEL_DATABASE_URL=f"postgresql://me@127.0.0.1:{old_server}/spindel?sslmode=disable",
    )
    _is_one_line(refused.returncode, refused.stderr, "PostgreSQL 14")


def test_a_port_that_is_no_number() -> None:
    refused = spindel("serve", SPINDEL_HOME=str(new_home()), SPINDEL_PORT="eighty")
    _is_one_line(refused.returncode, refused.stderr, "SPINDEL_PORT")


def test_a_stale_note_of_the_servers_process_does_not_keep_it_from_starting() -> None:
    """After a power cut the number in the file can be anybody's: ours, say."""
    from spindel.kit import embedded

    home = new_home()
    embedded.start(home)
    note = (home / "postgres" / "postmaster.pid").read_text().splitlines()
    embedded.stop(home)
    note[0] = str(os.getpid())
    (home / "postgres" / "postmaster.pid").write_text("\n".join(note) + "\n")
    try:
        embedded.start(home)
        assert embedded.is_running(home)
    finally:
        embedded.stop(home)


@pytest.fixture
def old_server() -> Iterator[int]:
    """A server that says it is PostgreSQL 14; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_pretend, args=(listening,), daemon=True).start()
        yield listening.getsockname()[1]


def _pretend(listening: socket.socket) -> None:
    def message(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("!i", len(body) + 4) + body

    client, _ = listening.accept()
    with client:
        client.recv(1024)
        client.sendall(
            message(b"R", struct.pack("!i", 0))
            + message(b"S", b"server_version\x0014.9\x00")
            + message(b"S", b"client_encoding\x00UTF8\x00")
            + message(b"K", struct.pack("!ii", 1, 1))
            + message(b"Z", b"I")
        )
        client.recv(1024)


def _is_one_line(status: int, text: str, says: str) -> None:
    assert status != 0
    assert text.count("\n") == 1, text
    assert says in text


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("SPINDEL_REQUIRE_MFA", "maybe"), ("SPINDEL_OIDC_SIGNUP_ROLE", "king")],
)
def test_a_setting_about_logging_in_that_is_wrong(name: str, wrong: str) -> None:
    home, port = str(new_home()), str(free_port())
    refused = spindel("serve", SPINDEL_HOME=home, SPINDEL_PORT=port, **{name: wrong})
    _is_one_line(refused.returncode, refused.stderr, name)
