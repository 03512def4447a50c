"""A domain is a folder that declares itself, and a line in the layers: nothing else knows of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from spindel.kit import house
from tests.database import SERVER, TEMPLATE
from tests.house.tree import ROOT

pytestmark = pytest.mark.slow

SAUNAS = Path(__file__).parent / "saunas"
LINE = '    "saunas", # what warms customers\n'


@pytest.fixture
def house_with_saunas(tmp_path: Path) -> Path:
    """The whole house, one folder more, and one line more in its layers."""
    package = tmp_path / "spindel"
    package.mkdir()
    for one in house.PACKAGE.iterdir():
        if one.is_dir():
            (package / one.name).symlink_to(one)
    shutil.copy(house.PACKAGE / "__init__.py", package)
    shutil.copytree(SAUNAS, package / "saunas")
    plan = (ROOT / "pyproject.toml").read_text()
    first, line, rest = plan.partition('    "catalogue | messages",\n')
    assert line
    (tmp_path / "pyproject.toml").write_text(first + LINE + line + rest)
    return tmp_path


@pytest.fixture
def its_database(database: str) -> Iterator[str]:
    """An empty one beside the tests' own, so that the house without saunas never sees their tables.

    Copied from the prepared one: that of the tests has connections, and can't be copied then.
    """
    name = connection.settings_dict["NAME"]
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}_saunas" TEMPLATE "{TEMPLATE or name}"')
        yield database.replace(f"/{name}", f"/{name}_saunas")
        server.execute(f'DROP DATABASE "{name}_saunas" WITH (FORCE)')


def test_a_folder_and_a_line_are_all_that_a_new_domain_needs(
    house_with_saunas: Path, its_database: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.house.visiting_saunas"],
        cwd=house_with_saunas,
        env={
            **os.environ,
            "PYTHONPATH": f"{house_with_saunas}{os.pathsep}{ROOT}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "SPINDEL_DATABASE_URL": its_database,
            "SPINDEL_HOME": str(house_with_saunas),
            "SPINDEL_ALLOWED_HOSTS": "testserver",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    pages = seen["pages"]
    # Its address, its action and its permission.
    assert (seen["booked"], seen["refused"]) == ([302, 302], 403)
    # Its panel, where somebody may see it.
    assert 'id="slot-saunas" hx-get="/saunas/of/' in pages["customer"]
    assert "slot-saunas" not in pages["customer, to whom may not"]
    assert "<p>A sauna for 4</p>" in pages["panel"]
    # Its fact, in a sentence of its own.
    assert "Booked a sauna for 9" in pages["customer"]
    # Its place in the navigation.
    assert 'href="/saunas/"' in pages["customer"]
    assert 'href="/saunas/"' not in pages["customer, to whom may not"]
    # What its follower has confirmed and its job could not heat wants somebody's eye.
    assert "9 people do not fit into a sauna" in pages["attention"]
    assert "4 people do not fit" not in pages["attention"]
    # What the box in the header finds of it: the only hit, so that one is led there.
    assert pages["found"] == "/saunas/"
    # How it does, on an administrator's first page.
    assert "1 of them are warm." in pages["start"]
    # Its operation, its table in the register, and its figure at the doctor's.
    assert seen["api"] == [4, 9]
    assert "saunas_booking" in seen["held"]
    assert "2 saunas" in pages["doctor"]
    assert "follower saunas: 0.0 s behind" in pages["doctor"]
