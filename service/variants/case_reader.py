"""A variant file -> a Case: one streaming pass, then the records and calls of what hit."""

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from service.domain.assembly import Assembly
from service.domain.case import Case, CaseRequest, Sex
from service.domain.screening import ScreenIndex
from service.domain.variant import CoveredIntervals, GenotypeRecord
from service.errors import InvalidOption, InvalidVcf
from service.variants.assembly_detection import (
    HeaderEvidence,
    assemblies_to_screen,
    decide,
    header_evidence,
    refuse_ucsc_mitochondrion,
    unknown_contig_note,
)
from service.variants.bcf import bcf_as_text
from service.variants.candidates import Candidates, Liftover
from service.variants.index_arrays import IndexArrays
from service.variants.issue_log import IssueLog
from service.variants.known_reference import KnownReference, SiteBases, bases_of
from service.variants.normalize import ReferenceBases
from service.variants.pedigree import pedigree_parents, pedigree_sex
from service.variants.ploidy import Ploidy
from service.variants.record_intake import RecordIntake
from service.variants.screen import Screen
from service.variants.vcf import RecordReader
from service.variants.vcf_bytes import Encoding, VariantBytes, line_blocks, opened
from service.variants.vcf_header import (
    SAMPLE_COLUMN,
    VcfHeader,
    choose_sample,
    parse_header,
    split_header,
)


@dataclasses.dataclass(frozen=True, slots=True)
class CaseReader:
    """Reads variant files of any size in bounded memory.

    Args:
        screen: where to look, in both assemblies.
        liftover: needed for GRCh37 input; without it such variants are reported as not lifted.
        reference: sequence for left-alignment and the check of REF, where known.
    """

    screen: ScreenIndex
    liftover: Liftover | None = None
    reference: ReferenceBases | None = None
    # Prepared with the first file, used by all.
    _arrays: dict[tuple[Assembly, str], IndexArrays] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _site_bases: dict[Assembly, SiteBases] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def read(self, source: str | Path | BinaryIO, request: CaseRequest) -> Case:
        """The case in a VCF or BCF file, or in a binary stream of one.

        Raises:
            InvalidVcf: the file is damaged, is no VCF, holds several samples and none was chosen, or is on
                an assembly that cannot be told or is contradictory. Bad records are issues of the case.
        """
        with opened(source) as content:
            return self._read(content, request)

    def _read(self, content: VariantBytes, request: CaseRequest) -> Case:
        if content.encoding is Encoding.BCF:
            blocks, line_word = bcf_as_text(content.chunks()), "record"
        else:
            blocks, line_word = line_blocks(content.chunks()), "line"
        lines, rest = split_header(blocks)
        header = parse_header(lines)
        sample = choose_sample(header, request.sample)
        request = _with_recorded_sex(request, sample)
        evidence = header_evidence(header)
        log = IssueLog()
        family = _family(header, sample, request.pedigree, log)
        screened = Screen(
            self.screen,
            header,
            tuple(SAMPLE_COLUMN + header.samples.index(name) for name in family.present(sample)),
            assemblies_to_screen(request.assembly, evidence),
            log,
            line_word=line_word,
            accept_filtered=request.options.accept_filtered,
            keep_uncalled=bool(request.options.indication),
            arrays=self._arrays,
        )
        _feed(screened, chain((rest,), blocks))
        refuse_ucsc_mitochondrion(evidence, screened.contigs + screened.unknown_contigs)
        assembly = decide(request.assembly, evidence, screened.contigs, screened.sites)
        _check_file(header, evidence, screened, log)
        numbers, parents = header.format_numbers, (family.father is not None, family.mother is not None)
        candidates = Candidates(
            Ploidy(assembly, request.options.sex), self.liftover, self.reference, log, line_word
        )
        intake = RecordIntake(
            RecordReader(numbers, father=parents[0], mother=parents[1]),
            candidates,
            KnownReference(assembly, self._bases_at_sites(assembly), self.reference),
            log,
            line_word,
            chrm_unclear=evidence.chrm_unclear,
        )
        records = intake.take(screened.hits)
        covered = screened.covered[assembly].intervals()
        no_calls = CoveredIntervals(screened.no_calls.intervals())
        unread = CoveredIntervals(
            (*screened.structural.uninterpreted.intervals(), *intake.unread, *candidates.unread)
        )
        filtered = CoveredIntervals((*screened.structural.filtered.intervals(), *candidates.filtered))
        if request.options.accept_filtered:
            unread = CoveredIntervals((*unread.intervals(), *filtered.intervals()))
            filtered = CoveredIntervals()
        stated = _with_stated(CoveredIntervals(covered), request.coverage)
        _note_limits(screened, assembly, candidates, log)
        return Case(
            subject=request.subject,
            sample=sample,
            assembly=assembly,
            options=request.options,
            records=records,
            calls=candidates.calls(),
            covered=stated.without(no_calls).without(unread),
            outside_calls=request.outside_calls,
            issues=(*log.issues(), *screened.beyond[assembly].issues()),
            input_digest=content.hexdigest(),
            record_count=screened.record_count,
            has_reference_calls=bool(covered) or any(_is_reference(record) for record in records),
            refused=frozenset(intake.refused),
            unread=unread,
            filtered=filtered,
            uncalled=tuple(screened.uncalled),
            uncalled_blocks=CoveredIntervals(screened.uncalled_blocks.intervals()),
            parental_origin=candidates.origins,
            attached_digest=_attached_digest(request),
        )

    def _bases_at_sites(self, assembly: Assembly) -> SiteBases:
        found = self._site_bases.get(assembly)
        if found is None:
            found = self._site_bases[assembly] = bases_of(self.screen.known_sites.get(assembly, ()))
        return found


@dataclasses.dataclass(frozen=True, slots=True)
class _Family:
    father: str | None = None
    mother: str | None = None

    def present(self, sample: str) -> Iterator[str]:
        """The sample, then the father and the mother where they are in the file."""
        return (name for name in (sample, self.father, self.mother) if name is not None)


def _family(header: VcfHeader, sample: str, pedigree: str | None, log: IssueLog) -> _Family:
    if pedigree is None:
        return _Family()
    parents = []
    for role, name in zip(("father", "mother"), pedigree_parents(pedigree, sample), strict=True):
        if name is not None and name not in header.samples:
            log.file(f"the {role} named in the pedigree is not a sample of the file", where="pedigree")
            name = None
        parents.append(name)
    return _Family(parents[0], parents[1])


def _with_recorded_sex(request: CaseRequest, sample: str) -> CaseRequest:
    """The request with the sex that the pedigree records. Raises InvalidOption where the two contradict."""
    recorded = pedigree_sex(request.pedigree, sample) if request.pedigree is not None else Sex.UNKNOWN
    if recorded in (Sex.UNKNOWN, request.options.sex):
        return request
    if request.options.sex is not Sex.UNKNOWN:
        raise InvalidOption("the pedigree and the request state a different sex", where="pedigree")
    return dataclasses.replace(request, options=dataclasses.replace(request.options, sex=recorded))


def _attached_digest(request: CaseRequest) -> str:
    """SHA-256 over family and stated coverage; empty where neither was given."""
    if request.pedigree is None and request.coverage is None:
        return ""
    stated = (request.pedigree, request.coverage.intervals() if request.coverage is not None else None)
    return hashlib.sha256(repr(stated).encode()).hexdigest()


def _feed(screened: Screen, blocks: Iterator[bytes]) -> None:
    for block in blocks:
        if block:
            screened.feed(block)


def _check_file(header: VcfHeader, evidence: HeaderEvidence, screened: Screen, log: IssueLog) -> None:
    """Facts about the whole file. Raises InvalidVcf when none of its records can be read."""
    total = screened.record_count
    if total and screened.malformed_count == total:
        raise InvalidVcf(f"none of {total} records has the columns and the position of a VCF record")
    if total and not screened.contigs and screened.unknown_contigs.total():
        raise InvalidVcf(
            f"no record is on a known chromosome: {unknown_contig_note(screened.unknown_contigs)}"
        )
    if evidence.ucsc_chrm:
        log.file("the header declares the chrM of UCSC hg19, which is not supported; no record is on it")
    if not total:
        log.file(
            "the file has a header and no records: nothing was read, so nothing is known to be absent",
            code="not-found",
        )
    if screened.unknown_contigs:
        log.file(unknown_contig_note(screened.unknown_contigs), severity="information", code="not-supported")
    if header.windows_line_ends:
        log.file("the file has Windows line ends (CR LF); they were read", severity="information")
    if header.version[1] not in range(1, 6):
        log.file(f"VCF 4.{header.version[1]} was read as if it were one of 4.1 to 4.5", code="not-supported")


def _note_limits(screened: Screen, assembly: Assembly, candidates: Candidates, log: IssueLog) -> None:
    structural: Counter[str] = screened.structural.kinds + candidates.structural
    if structural:
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(structural.items()))
        log.file(
            f"{structural.total()} symbolic or breakend alleles were not interpreted ({kinds})",
            code="not-supported",
        )
    for reason, count in sorted(candidates.not_lifted.items()):
        log.file(
            f"{count} variants could not be placed on GRCh38 from {assembly}: {reason}", code="incomplete"
        )


def _with_stated(read: CoveredIntervals, stated: CoveredIntervals | None) -> CoveredIntervals:
    if stated is None:
        return read
    return CoveredIntervals((*read.intervals(), *stated.intervals()))


def _is_reference(record: GenotypeRecord) -> bool:
    return bool(record.genotype) and set(record.genotype) == {0}
