"""The embedded database is its owner's alone: it trusts whoever reaches its socket."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from spindel.kit import embedded, environment


def test_a_path_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    """Else the socket would lie in a folder that everybody on the machine reaches."""
    with pytest.raises(SystemExit, match="SPINDEL_HOME is too long a path"):
        embedded.start(tmp_path / ("x" * 100))
    assert not list(Path(tempfile.gettempdir()).glob("*/.s.PGSQL.5432"))


@pytest.mark.skipif("SPINDEL_TEST_DATABASE_URL" in os.environ, reason="a server of one's own")
def test_it_listens_in_its_own_folder_and_on_no_port() -> None:
    folder = embedded.data_folder(environment.home())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / ".s.PGSQL.5432").is_socket()
    listens = (folder / "postmaster.opts").read_text()
    assert '"-h" ""' in listens
    assert f'"-k" "{folder}"' in listens
