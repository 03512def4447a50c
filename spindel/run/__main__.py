"""`python -m spindel.run` is the command `spindel`."""

from spindel.run.cli import main

main()
