"""Import of files: rows become messages, and go the way that every message goes."""

from spindel.collect.files.importing import run_import
from spindel.collect.files.outcome import Outcome

__all__ = ["Outcome", "run_import"]
