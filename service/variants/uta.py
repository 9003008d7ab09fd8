"""Transcripts of a configured UTA database (https://github.com/biocommons/uta), asked before other sources.

A database that does not answer is a named problem, never an answer: the next source is asked, and this one
again after a while. No question waits longer than the limit.
"""

import logging
import re
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from service.domain.alignment import AlignedExon, aligned_blocks, has_gaps
from service.domain.assembly import Assembly, chromosome_of
from service.domain.transcript import OTHER, OTHER_GRCH37, Transcript
from service.errors import ConfigurationError

SETTING = "GENOMEWARD_UTA_URL"
SILENT = "the configured UTA did not answer ({reason}): transcripts came from the other sources"
_LIMIT_S = 5.0
_ASKED_AGAIN_AFTER_S = 60.0
# Alignment methods of UTA, the preferred first: NCBI's, and Ensembl's annotation of the genome itself.
_METHODS = ("splign", "genebuild", "blat")
_STEP = re.compile(r"(\d+)([=XMDI])")
_Answer = TypeVar("_Answer")


class _Silent(Exception):  # noqa: N818 - no error to a caller: it becomes the source's problem
    """Why the database gave no answer."""


class UtaTranscripts:
    """The TranscriptSource of one UTA schema, named as the `hgvs` package takes it:
    `postgresql://user:password@host/database/schema`.

    Raises:
        ConfigurationError: the URL is not of that form.
    """

    def __init__(self, url: str, limit_s: float = _LIMIT_S) -> None:
        parts = urlsplit(url)
        if parts.scheme != "postgresql" or len([p for p in parts.path.split("/") if p]) != 2:
            raise ConfigurationError("expected postgresql://user@host/database/schema", where=SETTING)
        self.schema = parts.path.rsplit("/", 1)[-1]
        self._url, self._limit_s = url, limit_s
        self._provider: Any = None
        self._asked_again_at = 0.0
        self._problem: str | None = None
        self._lock = threading.Lock()
        self._known: dict[str, Transcript | None] = {}

    def problem(self) -> str | None:
        """Why the database does not answer; None where it does. Asks it where nobody has yet."""
        if self._provider is None and self._problem is None:
            self._ask(lambda provider: provider.schema_version(), None)
        return self._problem

    def transcript(self, accession: str) -> Transcript | None:
        """The transcript by its alignment to GRCh38, else GRCh37; None where the database has none."""
        if accession not in self._known:
            found = self._ask(lambda provider: (_read(provider, accession),), None)
            if found is None:
                return None
            (self._known[accession],) = found
        return self._known[accession]

    def versions(self, stem: str) -> Sequence[str]:
        """Versioned accessions of an accession without version."""
        sql = "select ac from transcript where ac like %s order by ac"
        rows: Any = self._ask(lambda provider: provider._fetchall(sql, [f"{stem}.%"]), ())
        return [row["ac"] for row in rows if row["ac"].startswith(f"{stem}.")]

    def of_protein(self, accession: str) -> Transcript | None:
        """The transcript of a versioned protein accession."""
        sql = "select tx_ac from associated_accessions where pro_ac = %s order by tx_ac"
        rows: Any = self._ask(lambda provider: provider._fetchall(sql, [accession]), ())
        return next((found for row in rows if (found := self.transcript(row["tx_ac"]))), None)

    def _ask(self, question: Callable[[Any], _Answer], otherwise: _Answer) -> _Answer:
        """The answer within the limit, else `otherwise`; what went wrong becomes the problem."""
        with self._lock:
            if time.monotonic() < self._asked_again_at:
                return otherwise
            try:
                answer = self._within_limit(question)
            except _Silent as silent:
                self._problem = SILENT.format(reason=silent)
                self._provider, self._asked_again_at = None, time.monotonic() + _ASKED_AGAIN_AFTER_S
                return otherwise
            self._problem = None
            return answer

    def _within_limit(self, question: Callable[[Any], _Answer]) -> _Answer:
        """Asked in a thread of its own, which nobody waits for beyond the limit: neither a name that does not
        resolve nor a server that has stopped in the middle holds the caller.
        """
        answers: list[_Answer] = []
        failures: list[str] = []
        provider, opened = self._provider, list[Any]()

        connect, known_failures = _package()

        def ask() -> None:
            try:
                opened.append(connect(self._url) if provider is None else provider)
                answers.append(question(opened[0]))
            except known_failures as error:
                failures.append(type(error).__name__)  # the text may hold the address and the user

        thread = threading.Thread(target=ask, daemon=True, name="uta")
        thread.start()
        thread.join(self._limit_s)
        if thread.is_alive():
            raise _Silent(f"no answer within {self._limit_s:g} s")
        if not answers:
            raise _Silent(failures[0] if failures else "it answers in another layout")
        self._provider = opened[0]
        return answers[0]


def _package() -> tuple[Callable[[str], Any], tuple[type[Exception], ...]]:
    """The package's own provider of a URL, and how it fails. Its log lines, which hold the URL with the
    password, are left out.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import psycopg2
        from hgvs.dataproviders import uta
        from hgvs.exceptions import HGVSError
    logging.getLogger("hgvs.dataproviders.uta").disabled = True
    # RuntimeError: the package's cursor, when the connection is lost within a question.
    failures = (psycopg2.Error, HGVSError, RuntimeError, OSError, LookupError)
    return partial(uta.connect, pooling=False, application_name="genomeward"), failures


def _read(provider: Any, accession: str) -> Transcript | None:
    """A transcript with the preferred of its alignments."""
    from hgvs.exceptions import HGVSDataNotAvailableError

    options = [(row["alt_ac"], row["alt_aln_method"]) for row in provider.get_tx_mapping_options(accession)]
    placed = []
    for molecule, method in options:
        place = chromosome_of(molecule)
        if place is None or method not in _METHODS:
            continue
        build = Assembly.GRCH38 if Assembly.GRCH38 in place[0] else Assembly.GRCH37
        order = (build is not Assembly.GRCH38, _METHODS.index(method), place[1] == "Y")
        placed.append((order, build, place[1], molecule, method))
    if not placed:
        return None
    _, build, chrom, molecule, method = min(placed)
    try:
        identity = provider.get_tx_identity_info(accession)
        rows = provider.get_tx_exons(accession, molecule, method)
        protein = provider.get_pro_ac_for_tx_ac(accession)
        exons = [_exon(row) for row in rows]
    except (HGVSDataNotAvailableError, ValueError):
        return None  # aligned in part, or an alignment that contradicts itself
    forward = rows[0]["alt_strand"] > 0
    blocks = aligned_blocks(exons, forward=forward)
    start, end = identity["cds_start_i"], identity["cds_end_i"]
    return Transcript(
        accession=accession,
        protein=protein if start is not None else None,
        ensembl=None,
        gene=identity["hgnc"],
        hgnc_id=None,
        kind=OTHER if build is Assembly.GRCH38 else OTHER_GRCH37,
        chrom=chrom,
        strand=1 if forward else -1,
        exons=tuple((exon.start, exon.end) for exon in exons),
        cds=None if start is None else (start, end),
        blocks=blocks if has_gaps(blocks, len(exons), forward=forward) else (),
    )


def _exon(row: Any) -> AlignedExon:
    """An exon of UTA. Its CIGAR goes along the transcript; D are bases of the transcript alone, I of the
    genome alone. Raises ValueError where the text does not fit the exon.
    """
    steps: list[tuple[str, int]] = []
    if not re.fullmatch(r"(?:\d+[=XMDI])+", row["cigar"]):
        raise ValueError("another alignment text")
    for size, letter in _STEP.findall(row["cigar"]):
        kind = {"D": "I", "I": "D"}.get(letter, "M")
        before = steps.pop()[1] if steps and steps[-1][0] == kind else 0
        steps.append((kind, before + int(size)))
    exon = AlignedExon(row["alt_start_i"], row["alt_end_i"], row["tx_start_i"], tuple(steps))
    if exon.length != row["tx_end_i"] - row["tx_start_i"]:
        raise ValueError("the alignment is not as long as the exon")
    return exon
