"""Questions of a probe, and what refusals teach: where it listens, and which methods it does not take."""

from service.domain.frequency_sources import Canary, Dialect, NodeEntry
from service.domain.variant import Variant
from service.errors import SourceUnavailable
from service.frequency.beacon_answer import read_variant
from service.frequency.beacon_document import BeaconDocument, NotBeacon, parse_document
from service.frequency.dialect import range_question, sequence_question
from service.frequency.http_refusal import HttpRefusal
from service.frequency.own_canaries import ask_listed
from service.frequency.reading import Reading
from service.frequency.wire import LARGEST_PAGE, NodeWire

# After so many answers that are none, in whatever form they were asked for, the node is broken.
_MOST_GARBLED = 12
_DENIED = frozenset({401, 403})
_METHODS = frozenset({"GET", "POST"})


class ProbeAsker:
    """Asks one node. `unusable` are methods that it does not take, `denied` that it knows us not."""

    def __init__(self, wire: NodeWire, entry: NodeEntry) -> None:
        self._wire = wire
        self._entry = entry
        self.unusable: set[str] = set()
        self.denied: HttpRefusal | None = None
        self.questions = 0
        self.answered = False
        self.version: str | None = None
        self._garbled = 0
        self._located = False

    async def ask(self, dialect: Dialect, variant: Variant) -> tuple[Reading | None, BeaconDocument | None]:
        """One question; what the node refuses teaches which forms are useless."""
        self.questions += 1
        try:
            body = await self._wire.ask(sequence_question(dialect, variant))
        except HttpRefusal as refusal:
            found = await self._elsewhere(dialect, variant, refusal)
            if isinstance(found, HttpRefusal):
                self._learn(dialect.method, found)
                return None, None
            body = found
        self._located = True
        try:
            document = parse_document(body)
        except NotBeacon as unreadable:
            self._garbled += 1
            if self._garbled >= _MOST_GARBLED and not self.answered:
                raise SourceUnavailable(unreadable.message) from unreadable
            return None, None
        except SourceUnavailable:
            return None, None
        self.answered = True
        reading = read_variant(document, variant, self._entry, dialect)
        if reading.matched:
            self.version = reading.version
        return reading, document

    async def _elsewhere(
        self, dialect: Dialect, variant: Variant, refusal: HttpRefusal
    ) -> bytes | HttpRefusal:
        """What is said at the usual API root below a bare address, then the node's; else the refusal."""
        given = self._wire.url
        if refusal.status != 404 or self._located or given.endswith("/api"):
            return refusal
        self._wire.url = f"{given}/api"
        try:
            return await self._wire.ask(sequence_question(dialect, variant))
        except HttpRefusal as there:
            if there.status != 404:
                self._located = True  # it refuses this form of question: that is where it listens
                return there
        except SourceUnavailable:
            pass
        self._wire.url = given
        return refusal

    def _learn(self, method: str, refusal: HttpRefusal) -> None:
        """Note a method that the node does not take. Raises what ends the probe."""
        if refusal.status == 429:
            raise refusal
        if refusal.status in _DENIED:
            self.denied = refusal
        if refusal.status in _DENIED or refusal.status in (404, 405, 501):
            self.unusable.add(method)
        if self.denied is not None and self.unusable >= _METHODS:
            raise self.denied

    async def ask_range(self, dialect: Dialect, chrom: str, start: int, end: int) -> BeaconDocument | None:
        """The first page of a range; None where the node gives no such answer."""
        self.questions += 1
        try:
            return parse_document(
                await self._wire.ask(range_question(dialect, chrom, start, end, 0), LARGEST_PAGE)
            )
        except HttpRefusal as refusal:
            self._learn(dialect.method, refusal)
            return None
        except SourceUnavailable:
            return None

    async def listed(self, dialect: Dialect, chrom: str) -> tuple[Canary | None, Canary | None]:
        """The commonest SNV and indel on the first page of a chromosome."""
        self.questions += 1
        try:
            return await ask_listed(self._wire, self._entry, dialect, chrom)
        except HttpRefusal as refusal:
            self._learn(dialect.method, refusal)
            return None, None
        except SourceUnavailable:
            return None, None
