"""Which sources are asked, and how."""

from dataclasses import dataclass, field
from pathlib import Path

from service.domain.frequency_sources import Ba1Exception, Canary, NodeEntry
from service.errors import ConfigurationError
from service.frequency.canary import CANARY_INTERVAL_S
from service.frequency.criteria import CriteriaOptions
from service.frequency.gnomad_entry import GnomadEntry
from service.frequency.http_settings import HttpSettings

DEADLINE_S = 5.0


@dataclass(frozen=True, slots=True)
class FederationConfig:
    """`synced` is the folder of `node sync`; None means never synced."""

    nodes: tuple[NodeEntry, ...] = ()
    canaries: tuple[Canary, ...] = ()
    ba1_exceptions: tuple[Ba1Exception, ...] = ()
    gnomad: GnomadEntry | None = None
    synced: Path | None = None
    deadline_s: float = DEADLINE_S
    criteria: CriteriaOptions = field(default_factory=CriteriaOptions)
    http: HttpSettings = field(default_factory=HttpSettings)
    canary_interval_s: float = CANARY_INTERVAL_S

    def __post_init__(self) -> None:
        if self.deadline_s <= 0:
            raise ConfigurationError("the deadline for frequency sources must be above 0 s")
