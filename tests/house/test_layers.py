"""What import-linter can't see: tables and folders keep to the layers, too."""

from __future__ import annotations

import subprocess
import sys

from django.apps import apps
from django.db.models import Model

from tests.house.tree import LAYERS, ROOT


def test_every_folder_of_the_package_is_a_layer() -> None:
    folders = {path.parent.name for path in (ROOT / "spindel").glob("*/__init__.py")}
    assert folders == set(LAYERS)


def test_imports_keep_to_the_layers() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"),
            *("--no-logo", "--no-cache"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_foreign_key_points_down_or_to_itself() -> None:
    seen = 0
    for model in apps.get_models():
        if not model.__module__.startswith("spindel."):
            continue
        for field in model._meta.get_fields():
            other = field.related_model
            if not field.concrete or not isinstance(other, type) or not issubclass(other, Model):
                continue
            seen += 1
            here, there = _layer(model), _layer(other)
            assert here <= there, f"{model.__name__}.{field.name} points up, at {other.__name__}"
    assert seen > 5


def _layer(model: type[Model]) -> int:
    """How deep down the model's folder is; what is not ours is below everything."""
    package, _, rest = model.__module__.partition(".")
    return LAYERS.index(rest.split(".")[0]) if package == "spindel" else len(LAYERS)
