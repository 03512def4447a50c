"""What became of content, in sentences; that it was seen and followed the catalogue says."""

from __future__ import annotations

from spindel.catalogue.sentences import promotion
from spindel.timeline.diary import Kind, Sentence
from spindel.timeline.phrases import N_

SENTENCES = (
    Sentence(
        "Promotion Dismissed",
        promotion(N_("Does not want to see the offer %(name)s again")),
        Kind.BROWSING,
        of_things=True,
    ),
)
