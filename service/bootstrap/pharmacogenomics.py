"""Pharmacogenes and guidance."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from service.knowledge.guidance import overlays_in
from service.knowledge.repository import Knowledge
from service.settings import Settings

if TYPE_CHECKING:
    from service.pgx.room import PharmacogenomicsRoom


def today() -> date:
    """The day that medications are judged by."""
    return datetime.now(UTC).date()


def open_pharmacogenomics(settings: Settings, knowledge: Knowledge) -> "PharmacogenomicsRoom":
    """The pharmacogene definitions and the guidance, a hospital's imported guidance included."""
    from service.pgx.call import PharmacogeneCaller
    from service.pgx.room import PharmacogenomicsRoom

    definitions = knowledge.part("pharmacogenes")
    return PharmacogenomicsRoom(
        PharmacogeneCaller(definitions),
        definitions,
        knowledge.part("guidance", overlays=overlays_in(settings.state)),
        knowledge.part("phenoconversion"),
        today,
    )
