"""Screened lines of one sample -> its records and candidates; a bad record is an issue, never the end."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from service.domain.variant import GenotypeRecord, Interval
from service.errors import InvalidVcf
from service.variants.candidates import Candidates
from service.variants.issue_log import IssueLog
from service.variants.known_reference import KnownReference
from service.variants.ploidy import Y_IN_A_FEMALE
from service.variants.screen import ScreenedLine
from service.variants.vcf import RecordReader, SampleRecord

CHRM_UNCLEAR = (
    "the header says hg19 and does not tell which mitochondrial sequence its chrM is; the record was not "
    "read (state the contig's length: 16569 is the revised reference)"
)
NO_GENOTYPE = "the record has no genotype (GT) for the sample; it calls nothing"


@dataclass(frozen=True, slots=True)
class RecordIntake:
    """What the records of one file go through, in order."""

    reader: RecordReader
    candidates: Candidates
    known: KnownReference
    log: IssueLog
    line_word: str
    chrm_unclear: bool = False
    # Where pharmacogene sites have a record that could not be read: such a site is not without a record.
    refused: set[tuple[str, int]] = field(default_factory=set)
    # All records that gave no genotype though they are there.
    unread: list[Interval] = field(default_factory=list)

    def take(self, lines: Iterable[ScreenedLine]) -> tuple[GenotypeRecord, ...]:
        """Records at pharmacogene sites, in the order of the lines; calls go to the candidates.

        Raises:
            InvalidVcf: most records contradict the reference.
        """
        assembly = self.known.assembly
        kept = []
        for line in lines:
            if assembly not in line.every and assembly not in line.carriers:
                continue
            record = self._record(line)
            if record is not None and assembly in line.every:
                kept.append(record)
        self.known.raise_if_contradicted()
        return tuple(kept)

    def _record(self, line: ScreenedLine) -> GenotypeRecord | None:
        where = f"{self.line_word} {line.number}"
        if line.chrom == "MT" and self.chrm_unclear:
            self.log.record(CHRM_UNCLEAR, where=where, code="not-supported")
            self._note_unread(line)
            return None
        try:
            sample = self.reader.read(line.text, chrom=line.chrom, start=line.start, number=line.number)
            self.known.check(sample.record)
        except InvalidVcf as error:
            self.log.record(error.message, where=where)
            self._note_unread(line)
            if self.known.assembly in line.every:
                self.refused.add((line.chrom, line.start))
            return None
        if not sample.record.genotype:
            self.log.record(NO_GENOTYPE, where=where, code="incomplete")
            self._note_unread(line)
        if contradiction := self.candidates.ploidy.contradiction(sample.record):
            self.log.record(contradiction, where=where, code="conflict")
            self._note_unread(line)
            if contradiction == Y_IN_A_FEMALE:
                return None
            self.candidates.add(_no_call(sample))
        else:
            self.candidates.add(sample)
        # The pharmacogene reader sees the genotype as written: it must not take a contradiction for silence.
        return sample.record

    def _note_unread(self, line: ScreenedLine) -> None:
        bases = len(line.text.split("\t", 4)[3])
        self.unread.append(Interval(line.chrom, line.start, line.start + bases))


def _no_call(sample: SampleRecord) -> SampleRecord:
    nothing = (None,) * len(sample.record.genotype)
    return replace(sample, record=replace(sample.record, genotype=nothing))
