"""What privacy itself holds about a customer: the files that were made for her."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext_lazy as _

from spindel.kit.register import Holding, Subject
from spindel.privacy.models import Export


def _tell(who: Subject) -> Iterator[Mapping[str, object]]:
    for export in Export.objects.filter(customer=who.customer).order_by("pk"):
        yield {"name": str(export.reference), "at": export.asked_at, "done_at": export.done_at}


def _forget(who: Subject, limit: int | None) -> int:
    count, _by_table = Export.objects.filter(customer=who.customer).delete()
    return count


HOLDINGS = (
    Holding(
        name=_("Files that were made before"),
        tables=("privacy_export", "privacy_exportpart"),
        tell=_tell,
        forget=_forget,
    ),
)
FREE = {
    "privacy_erasure": "certificates: a number that leads nowhere any more, and counts",
    "privacy_retention": "how long each kind of fact is kept",
}
