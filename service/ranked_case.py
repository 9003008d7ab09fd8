"""A phenopacket -> the variants of its person: those of a file, else those that the packet names."""

from collections.abc import Callable, Set
from dataclasses import dataclass, replace
from pathlib import Path

from service.domain.assembly import Assembly
from service.domain.case import Case, CaseRequest, InterpretOptions, Subject
from service.domain.disease import VariantClassification
from service.domain.variant import Variant, VariantCall, Zygosity
from service.errors import InvalidOption, InvalidVariant, InvalidVcf
from service.intake import read_assembly
from service.raredisease.exome import ExomeReader
from service.raredisease.gene_fit import Candidate, PatientVariants
from service.raredisease.phenopacket import Phenopacket
from service.raredisease.rank_lines import Patient

NO_CONSENT = (
    "Genes of the secondary-findings list count only where the phenotype points to them: no consent to "
    "secondary findings is stated."
)
LIST_ONLY = "Only the variants that the phenopacket names were looked at: of all others nothing is known."
_ZYGOSITIES = {"0/1": Zygosity.HETEROZYGOUS, "1/1": Zygosity.HOMOZYGOUS, "1": Zygosity.HEMIZYGOUS}


@dataclass(frozen=True, slots=True)
class VariantFile:
    """A VCF to rank by, and how to read it."""

    path: str
    sample: str | None = None
    assembly: Assembly | None = None
    pedigree: str | None = None
    consent_secondary: bool = False


@dataclass(frozen=True, slots=True)
class PatientReader:
    """Finds a person's variants. `exome` and `read` open what they need when first called.

    `resolve` places a notation of an assembly on GRCh38, `classified` gives our own class of a candidate.
    """

    exome: Callable[[], ExomeReader]
    read: Callable[[Path, CaseRequest], Case]
    resolve: Callable[[str, Assembly], Variant]
    classified: Callable[[Candidate], VariantClassification | None]
    file: VariantFile | None = None

    def __call__(self, packet: Phenopacket, pointed_at: Set[str]) -> Patient | None:
        """The person's variants; None where neither file nor packet has any.

        Genes of the secondary-findings list that the phenotype does not point to are not read without
        consent: their variants enter no count, and no source is asked about them.

        Raises InvalidVcf when the file cannot be read or holds several samples and none is this person's.
        """
        if self.file is None:
            return self._stated(packet) if packet.variants else None
        exome = self.exome()
        case = self._case(self.file, packet)
        notes = [issue.text for issue in case.issues if issue.severity != "information"]
        withheld: frozenset[str] = frozenset()
        if not self.file.consent_secondary:
            withheld = frozenset(exome.diseases.secondary_genes)
            exome = replace(exome, genes=exome.genes - (withheld - pointed_at))
            notes.append(NO_CONSENT)
        return self._patient(exome, exome.read(case), withheld, tuple(dict.fromkeys(notes)))

    def _patient(
        self, exome: ExomeReader, variants: PatientVariants, withheld: frozenset[str], notes: tuple[str, ...]
    ) -> Patient:
        return Patient(variants, exome.named, withheld, notes, self.classified, exome.hgnc)

    def _case(self, file: VariantFile, packet: Phenopacket) -> Case:
        """The case of the file; of several samples the one that is called like the subject."""

        def request(sample: str | None) -> CaseRequest:
            return CaseRequest(
                Subject(packet.id or "phenopacket"),
                sample,
                file.assembly,
                InterpretOptions(sex=packet.sex),
                pedigree=file.pedigree,
            )

        try:
            return self.read(Path(file.path), request(file.sample))
        except InvalidVcf as error:
            if error.where != "sample" or file.sample or not packet.subject:
                raise
            try:
                return self.read(Path(file.path), request(packet.subject))
            except InvalidVcf:
                raise error from None

    def _stated(self, packet: Phenopacket) -> Patient:
        """The variants that the packet names; those that cannot be read are noted."""
        calls, notes = [], [LIST_ONLY]
        for number, stated in enumerate(packet.variants, start=1):
            try:
                variant = self.resolve(stated.notation, read_assembly(stated.assembly) or Assembly.GRCH38)
            except (InvalidVariant, InvalidOption) as error:
                notes.append(f"Variant {number} of the phenopacket was not read: {error}")
                continue
            calls.append(VariantCall(variant, _ZYGOSITIES.get(stated.genotype or "", Zygosity.UNKNOWN)))
        exome = self.exome()
        # Who wrote the packet chose these variants: nothing in it is a secondary finding.
        return self._patient(
            exome, exome.candidates(calls, packet.sex, whole=False), frozenset(), tuple(notes)
        )
