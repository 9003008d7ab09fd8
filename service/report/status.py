"""What a deployment and a laboratory say about a report: never derived from the genome."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from service.domain.release import ReleaseState, SignOff
from service.errors import ConfigurationError, InvalidOption

__all__ = ["Amendment", "Deployment", "Laboratory", "Release", "ReportStatus", "SignOff"]

_REPORT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")


class Deployment(StrEnum):
    """Regulatory state of the installation: a setting, never free text (MDCG 2019-11; IVDR article 5(5))."""

    RESEARCH = "research"
    IN_HOUSE = "in-house"
    CE = "ce"


class Release(StrEnum):
    """Where a report stands (ISO 15189, 7.4.1): preliminary until a named person releases it."""

    PRELIMINARY = "preliminary"
    FINAL = "final"
    AMENDED = "amended"


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Who issues the report, as the deployment states it."""

    name: str = ""
    address: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Amendment:
    """What changed from the version before, why, and what it does to the advice."""

    version: int
    time: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """How a report stands. Raises ConfigurationError when it claims a release that nobody signed.

    `report_id` empty: taken from the digest of the input. `privacy` is one line: controller, retention,
    where the notice is. `replaced`: a later version of the same sample is stored.
    """

    deployment: Deployment = Deployment.RESEARCH
    release: Release = Release.PRELIMINARY
    report_id: str = ""
    version: int = 1
    laboratory: Laboratory = field(default_factory=Laboratory)
    interpreted_by: SignOff | None = None
    authorised_by: SignOff | None = None
    amendments: tuple[Amendment, ...] = ()
    privacy: str = ""
    replaced: bool = False

    def __post_init__(self) -> None:
        if self.release is not Release.PRELIMINARY and self.authorised_by is None:
            raise ConfigurationError(
                f"a report that is {self.release.value} needs the person who released it"
            )
        if self.release is Release.AMENDED and not self.amendments:
            raise ConfigurationError("an amended report needs to say what changed")
        if self.report_id and not _REPORT_ID.fullmatch(self.report_id):
            raise InvalidOption("a report id is up to 64 letters, digits and . _ / -", where="report id")


def report_status(
    state: ReleaseState, *, deployment: Deployment, report_id: str, laboratory: Laboratory
) -> ReportStatus:
    """How a stored version stands, as its page shows it."""
    signed = state.signed
    amended = bool(signed and state.amends and state.reason)
    return ReportStatus(
        deployment=deployment,
        release=Release.AMENDED if amended else Release.FINAL if signed else Release.PRELIMINARY,
        report_id=report_id,
        version=state.version,
        laboratory=laboratory,
        authorised_by=signed,
        amendments=(Amendment(state.version, signed.time, state.reason),)
        if signed and amended and state.reason
        else (),
        replaced=state.replaced,
    )
