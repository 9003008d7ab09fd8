"""Who signed which version of a result: preliminary until somebody does."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignOff:
    """One person's signature: name and role as given, `time` ISO 8601 with zone."""

    name: str
    role: str
    time: str


@dataclass(frozen=True, slots=True)
class ReleaseState:
    """How one version stands. `amends` says that an earlier version was released; `reason` is what changed.

    `replaced` says that a later version of the same sample is stored; this one stays as it was.
    """

    version: int = 1
    signed: SignOff | None = None
    amends: bool = False
    reason: str | None = None
    replaced: bool = False

    @property
    def fhir_status(self) -> str:
        """Status of the DiagnosticReport: `preliminary`, `final` or `amended`."""
        if self.signed is None:
            return "preliminary"
        return "amended" if self.amends else "final"


UNSIGNED = ReleaseState()
