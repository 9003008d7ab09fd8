"""Stable resource ids from a keyed hash, and how resources of one answer refer to each other."""

import hashlib
import hmac
import re
from dataclasses import dataclass

from service.errors import ConfigurationError

MINIMUM_KEY_BYTES = 16
_FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")


def is_fhir_id(text: object) -> bool:
    """Whether the text may be a resource id in FHIR R4 (at most 64 of letters, digits, `-` and `.`)."""
    return isinstance(text, str) and _FHIR_ID.match(text) is not None


@dataclass(frozen=True, slots=True)
class Place:
    """Where one resource is found: its id, its fullUrl, and the Reference by which others point at it."""

    id: str
    full_url: str
    reference: dict[str, str]


class ResourceIds:
    """Ids of the resources that one answer consists of.

    An id is a UUID made of HMAC-SHA256 over subject, input digest, knowledge release and the resource's role,
    so the same question gives the same ids and nobody without the key can go from a genotype to an id.
    With a base URL, references are relative to it (`Observation/<id>`); without one they are `urn:uuid:`, so
    that a bundle is self-contained and can be posted anywhere. The ids are the same in both forms.

    Args:
        key: secret of this deployment, at least 16 bytes.
        subject: the person's identifier as given.
        digest: SHA-256 of the input read.
        knowledge: the knowledge release behind the answer.
        base_url: the FHIR endpoint under which the resources can be read.

    Raises:
        ConfigurationError: the key is too short.

    >>> ids = ResourceIds(b"sixteen bytes ok", "subject-1", "ab12")
    >>> ids.place("Observation", "variant").id == ids.place("Observation", "variant").id
    True
    >>> ids.place("Observation", "variant").id == ids.place("Observation", "genotype").id
    False
    """

    __slots__ = ("_base_url", "_key", "_places")

    def __init__(
        self, key: bytes, subject: str, digest: str, *, knowledge: str = "", base_url: str | None = None
    ) -> None:
        if len(key) < MINIMUM_KEY_BYTES:
            raise ConfigurationError(
                f"the key for resource ids has {len(key)} bytes; at least {MINIMUM_KEY_BYTES} are needed"
            )
        question = "\x1f".join((subject, digest, knowledge)).encode()
        self._key = hmac.digest(key, question, hashlib.sha256)
        self._base_url = base_url.rstrip("/") if base_url else None
        self._places: dict[str, Place] = {}

    def place(self, resource_type: str, role: str, *, own_id: str | None = None) -> Place:
        """The place of the resource that plays `role`; `own_id` is the id that it came with, if any."""
        known = self._places.get(role)
        if known is None:
            known = self._places[role] = self._new_place(resource_type, role, own_id)
        return known

    def _new_place(self, resource_type: str, role: str, own_id: str | None) -> Place:
        uuid = self._uuid(role)
        resource_id = own_id if is_fhir_id(own_id) and own_id else uuid
        if self._base_url is None:
            urn = f"urn:uuid:{uuid}"
            return Place(resource_id, urn, {"reference": urn})
        relative = f"{resource_type}/{resource_id}"
        return Place(resource_id, f"{self._base_url}/{relative}", {"reference": relative})

    def _uuid(self, role: str) -> str:
        """A UUID of version 8 (RFC 9562, section 5.8: free content)."""
        text = hmac.digest(self._key, role.encode(), "sha256").hex()
        variant = "89ab"[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"
