"""The process in which a demo goes on living."""

from __future__ import annotations

import os
import sys

import django

from spindel.kit import environment
from spindel.run.process import die_with


def main() -> None:
    """Have people come to the demo of SPINDEL_HOME until told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "spindel.kit.settings")
    django.setup()
    from spindel.demo.traffic import live_on

    live_on(environment.home())


if __name__ == "__main__":
    die_with(int(sys.argv[1]))
    main()
