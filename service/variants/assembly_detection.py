"""Which assembly a file is on: every piece of evidence must agree, and none is never read as GRCh38."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from service.domain.assembly import (
    CHROMOSOMES,
    HG19_UCSC_CHRM_LENGTH,
    Assembly,
    chromosome_length,
    parse_contig,
)
from service.domain.screening import KnownSite
from service.errors import InvalidVcf
from service.variants.vcf_header import DeclaredContig, VcfHeader

# Names under which files state their assembly, as whole words: patch numbers and suffixes follow.
_NAMES = (
    (Assembly.GRCH38, re.compile(r"(?i)(?<![a-z0-9])(?:GRCh38|hg38|hs38|b38|assembly38)(?![0-9])")),
    (Assembly.GRCH37, re.compile(r"(?i)(?<![a-z0-9])(?:GRCh37|hg19|hs37|b37|g1k_v37|assembly19)(?![0-9])")),
)
_UNSUPPORTED = re.compile(
    r"(?i)(?<![a-z0-9])(?:NCBI36|GRCh36|hg18|b36|CHM13|T2T|hs1|GRCm\d+|mm\d+)(?![a-z0-9])"
)
_UCSC_CHRM_ACCESSION = "NC_001807"

# One coincidence of position and bases proves nothing; two sites, or one whose rsID agrees too, do.
SITES_NEEDED = 2


@dataclass(slots=True)
class SiteEvidence:
    """How the REF of records at known sites compares, for one assembly."""

    matching: int = 0
    contradicting: int = 0
    matching_with_rsid: int = 0

    def compare(self, site: KnownSite, ref: str, rsid: str) -> bool:
        """Count one record at the site's start; whether the bases that both show agree."""
        if not same_bases(site.ref, ref):
            self.contradicting += 1
            return False
        self.matching += 1
        self.matching_with_rsid += site.rsid is not None and site.rsid in rsid.split(";")
        return True

    @property
    def supports(self) -> bool:
        """Whether these sites alone would decide for the assembly."""
        enough = self.matching >= SITES_NEEDED or self.matching_with_rsid > 0
        return enough and self.matching > self.contradicting


@dataclass(frozen=True, slots=True)
class HeaderEvidence:
    """What the header says: the assemblies that it names, each with the lines that say so."""

    stated: dict[Assembly, tuple[str, ...]] = field(default_factory=dict)
    ucsc_chrm: bool = False
    # "hg19" is used with either mitochondrial sequence; only a length tells which.
    chrm_unclear: bool = False

    @property
    def assembly(self) -> Assembly | None:
        """The one assembly stated; None when the header is silent."""
        return next(iter(self.stated), None)


def same_bases(expected: str, read: str) -> bool:
    """Whether two reference spellings of one start agree in the bases that both show; N agrees with all.

    >>> same_bases("GA", "G"), same_bases("G", "C"), same_bases("N", "C")
    (True, False, True)
    """
    if expected == read:
        return True
    return all(a == b or "N" in (a, b) for a, b in zip(expected.upper(), read.upper(), strict=False))


def named_assembly(text: str) -> Assembly | None:
    """The assembly that a free text names; None for none, or two. Raises InvalidVcf for one not supported.

    >>> named_assembly("file:///ref/GRCh38.p13_full_analysis_set.fa"), named_assembly("hs37d5")
    (<Assembly.GRCH38: 'GRCh38'>, <Assembly.GRCH37: 'GRCh37'>)
    """
    found = [assembly for assembly, pattern in _NAMES if pattern.search(text)]
    if not found and (other := _UNSUPPORTED.search(text)):
        raise InvalidVcf(
            f"the header names the assembly {other[0]}, expected GRCh37 or GRCh38", where="header"
        )
    return found[0] if len(found) == 1 else None


def header_evidence(header: VcfHeader) -> HeaderEvidence:
    """What the header says of the assembly. Raises InvalidVcf when its lines contradict each other."""
    stated: dict[Assembly, list[str]] = {}

    def note(assembly: Assembly | None, line: str) -> None:
        if assembly is not None:
            stated.setdefault(assembly, []).append(line)

    for text in header.reference:
        note(named_assembly(text), f"reference {text[:80]}")
    ucsc_chrm = False
    for contig in header.contigs:
        note(named_assembly(contig.assembly or ""), f"contig {contig.name} assembly {contig.assembly}")
        note(_by_accession(contig.name), f"contig {contig.name}")
        note(_by_length(contig), f"contig {contig.name} length {contig.length}")
        ucsc_chrm |= _is_ucsc_chrm(contig)
    if len(stated) > 1:
        lines = "; ".join(f"{assembly}: {said[0]}" for assembly, said in sorted(stated.items()))
        raise InvalidVcf(f"the header names two assemblies in one file ({lines})", where="header")
    unclear = any("hg19" in line.lower() for lines in stated.values() for line in lines)
    unclear &= not any(_is_mitochondrial(c.name) and c.length is not None for c in header.contigs)
    return HeaderEvidence({a: tuple(lines) for a, lines in stated.items()}, ucsc_chrm, unclear)


def decide(
    requested: Assembly | None,
    header: HeaderEvidence,
    contigs: Iterable[str],
    sites: dict[Assembly, SiteEvidence],
) -> Assembly:
    """The assembly that all evidence supports.

    Args:
        contigs: contig names of the records.
        sites: comparison at known sites, one per assembly.

    Raises:
        InvalidVcf: two pieces of evidence contradict each other, or there is none at all.
    """
    evidence: dict[Assembly, str] = {}
    for name in contigs:
        if assembly := _by_accession(name):
            evidence.setdefault(assembly, f"records on {name}")
    for assembly, lines in header.stated.items():
        evidence.setdefault(assembly, f"header: {lines[0]}")
    if requested is not None:
        evidence.setdefault(requested, "asked for")
    supported = [assembly for assembly, compared in sites.items() if compared.supports]
    if not evidence and len(supported) == 1:
        evidence[supported[0]] = "reference bases at known sites"
    if not evidence:
        raise InvalidVcf(
            "the assembly cannot be determined from contig lines, lengths, accessions or reference bases: "
            "pass --assembly GRCh38 or --assembly GRCh37",
            where="assembly",
        )
    if len(evidence) > 1:
        said = "; ".join(f"{assembly} ({why})" for assembly, why in sorted(evidence.items()))
        raise InvalidVcf(f"the evidence of the assembly is contradictory: {said}", where="assembly")
    (assembly,) = evidence
    _check_sites(assembly, evidence[assembly], sites)
    return assembly


def _check_sites(assembly: Assembly, why: str, sites: dict[Assembly, SiteEvidence]) -> None:
    own = sites.get(assembly, SiteEvidence())
    for other, compared in sites.items():
        if other is not assembly and compared.supports and _outweighs(compared, own):
            raise InvalidVcf(
                f"the file says {assembly} ({why}), but its reference bases are those of {other} "
                f"at {compared.matching} known sites (of {assembly}: {own.matching})",
                where="assembly",
            )
    if own.contradicting >= 2 * SITES_NEEDED and own.contradicting > own.matching:
        raise InvalidVcf(
            f"REF contradicts {assembly} ({why}) at {own.contradicting} of "
            f"{own.contradicting + own.matching} known sites",
            where="assembly",
        )


def _outweighs(other: SiteEvidence, own: SiteEvidence) -> bool:
    """Whether the other assembly's sites are met too often to be coincidence.

    Of a genome's 4.5 million records about two lie at a position that is a known site of the other assembly,
    and one in four of those shows the same base. A matching rsID is no coincidence.
    """
    many = other.matching >= 2 * SITES_NEEDED and 4 * other.matching >= own.matching
    return other.matching > own.matching or other.matching_with_rsid > 0 or many


def _by_accession(name: str) -> Assembly | None:
    contig = parse_contig(name)
    return next(iter(contig.assemblies)) if contig and len(contig.assemblies) == 1 else None


def _by_length(contig: DeclaredContig) -> Assembly | None:
    parsed = parse_contig(contig.name)
    if parsed is None or parsed.chrom == "MT" or contig.length is None:
        return None
    found = [a for a in Assembly if chromosome_length(a, parsed.chrom) == contig.length]
    if found:
        return found[0] if len(found) == 1 else None
    expected = ", ".join(f"{a} {chromosome_length(a, parsed.chrom)}" for a in Assembly)
    raise InvalidVcf(
        f"contig {contig.name} has length {contig.length}, expected one of: {expected}", where="header"
    )


def _is_ucsc_chrm(contig: DeclaredContig) -> bool:
    if contig.name.startswith(_UCSC_CHRM_ACCESSION):
        return True
    return _is_mitochondrial(contig.name) and contig.length == HG19_UCSC_CHRM_LENGTH


def _is_mitochondrial(name: str) -> bool:
    parsed = parse_contig(name)
    return parsed is not None and parsed.chrom == "MT"


def refuse_ucsc_mitochondrion(header: HeaderEvidence, contigs: Counter[str]) -> None:
    """Raises InvalidVcf when records lie on the chrM of UCSC hg19; `contigs` counts records by name."""
    count = sum(
        n
        for name, n in contigs.items()
        if name.startswith(_UCSC_CHRM_ACCESSION) or (header.ucsc_chrm and _is_mitochondrial(name))
    )
    if count:
        raise InvalidVcf(
            f"{count} records are on the chrM of UCSC hg19 (NC_001807, 16571 bases), expected the revised "
            "reference NC_012920.1 (16569 bases): realign them, or remove them from the file",
            where="chrM",
        )


def assemblies_to_screen(requested: Assembly | None, header: HeaderEvidence) -> tuple[Assembly, ...]:
    """The assemblies whose index the records meet: one where it is stated, else both."""
    stated = requested or header.assembly
    return (stated,) if stated else tuple(Assembly)


def unknown_contig_note(names: Counter[str]) -> str:
    """How many records lie on contigs outside the primary chromosomes, and on which."""
    shown = ", ".join(sorted(names)[:3])
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return (
        f"{names.total()} records lie on {len(names)} contigs that were not read ({shown}{more}); "
        f"chromosomes {CHROMOSOMES[0]} to 22, X, Y and MT are"
    )
