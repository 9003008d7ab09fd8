"""Genome assemblies: contig names, RefSeq accessions, lengths, pseudoautosomal regions."""

from dataclasses import dataclass
from enum import StrEnum

CHROMOSOMES = (*(str(n) for n in range(1, 23)), "X", "Y", "MT")


class Assembly(StrEnum):
    """A human reference assembly."""

    GRCH37 = "GRCh37"
    GRCH38 = "GRCh38"


# RefSeq accession versions per chromosome. Source: NCBI assemblies GCF_000001405.25 and GCF_000001405.40.
_VERSIONS = {
    Assembly.GRCH37: (10, 11, 11, 11, 9, 11, 13, 10, 11, 10, 9, 11, 10, 8, 9, 9, 10, 9, 9, 10, 8, 10, 10, 9),
    Assembly.GRCH38: (
        11,
        12,
        12,
        12,
        10,
        12,
        14,
        11,
        12,
        11,
        10,
        12,
        11,
        9,
        10,
        10,
        11,
        10,
        10,
        11,
        9,
        11,
        11,
        10,
    ),
}
# The revised Cambridge reference sequence, one accession for both assemblies.
MITOCHONDRIAL_ACCESSION = "NC_012920.1"
# UCSC's hg19 chrM is NC_001807.4, 16,571 bases: not the revised reference.
HG19_UCSC_CHRM_LENGTH = 16571

# Base pairs, in the order of CHROMOSOMES. Source: the same assembly reports.
_LENGTHS = {
    Assembly.GRCH37: (
        249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022, 141213431,
        135534747, 135006516, 133851895, 115169878, 107349540, 102531392, 90354753, 81195210, 78077248,
        59128983, 63025520, 48129895, 51304566, 155270560, 59373566, 16569,
    ),
    Assembly.GRCH38: (
        248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636, 138394717,
        133797422, 135086622, 133275309, 114364328, 107043718, 101991189, 90338345, 83257441, 80373285,
        58617616, 64444167, 46709983, 50818468, 156040895, 57227415, 16569,
    ),
}  # fmt: skip

# Pseudoautosomal regions as interbase intervals. Source: Genome Reference Consortium, PAR#1 and PAR#2.
_PAR = {
    Assembly.GRCH37: {
        "X": ((60000, 2699520), (154931043, 155260560)),
        "Y": ((10000, 2649520), (59034049, 59363566)),
    },
    Assembly.GRCH38: {
        "X": ((10000, 2781479), (155701382, 156030895)),
        "Y": ((10000, 2781479), (56887902, 57217415)),
    },
}

_ACCESSIONS: dict[tuple[Assembly, str], str] = {
    (assembly, chrom): f"NC_{number:06d}.{version}"
    for assembly, versions in _VERSIONS.items()
    for number, (chrom, version) in enumerate(zip(CHROMOSOMES[:24], versions, strict=True), start=1)
}
_ACCESSIONS |= {(assembly, "MT"): MITOCHONDRIAL_ACCESSION for assembly in Assembly}
_BY_ACCESSION: dict[str, tuple[frozenset[Assembly], str]] = {}
for (_assembly, _chrom), _accession in _ACCESSIONS.items():
    _known = _BY_ACCESSION.get(_accession, (frozenset[Assembly](), _chrom))[0]
    _BY_ACCESSION[_accession] = (_known | {_assembly}, _chrom)


@dataclass(frozen=True, slots=True)
class Contig:
    """A contig name as read: its chromosome, and the assemblies that the name alone allows."""

    chrom: str
    assemblies: frozenset[Assembly]


def parse_contig(name: str) -> Contig | None:
    """The chromosome that a contig name stands for; None for contigs outside the primary chromosomes.

    >>> parse_contig("chr10").chrom, parse_contig("NC_000010.11").chrom, parse_contig("chrM").chrom
    ('10', '10', 'MT')
    >>> sorted(parse_contig("NC_000010.11").assemblies)
    [<Assembly.GRCH38: 'GRCh38'>]
    >>> parse_contig("chrUn_KI270302v1") is None
    True
    """
    if name in _BY_ACCESSION:
        assemblies, chrom = _BY_ACCESSION[name]
        return Contig(chrom, assemblies)
    bare = name[3:] if name[:3].lower() == "chr" else name
    bare = {"M": "MT", "x": "X", "y": "Y", "23": "X", "24": "Y"}.get(bare, bare)
    return Contig(bare, frozenset(Assembly)) if bare in CHROMOSOMES else None


def accession(assembly: Assembly, chrom: str) -> str:
    """The versioned RefSeq accession of a chromosome (`1`..`22`, `X`, `Y`, `MT`).

    >>> accession(Assembly.GRCH38, "10")
    'NC_000010.11'
    """
    return _ACCESSIONS[assembly, chrom]


def chromosome_of(accession_: str) -> tuple[frozenset[Assembly], str] | None:
    """Assemblies and chromosome of a versioned RefSeq accession; None when it is not one of theirs."""
    return _BY_ACCESSION.get(accession_)


def chromosome_length(assembly: Assembly, chrom: str) -> int:
    """Base pairs of a chromosome."""
    return _LENGTHS[assembly][CHROMOSOMES.index(chrom)]


def in_pseudoautosomal_region(assembly: Assembly, chrom: str, start: int) -> bool:
    """Whether the interbase position lies in a pseudoautosomal region: diploid in everyone.

    >>> in_pseudoautosomal_region(Assembly.GRCH38, "X", 2_000_000)
    True
    >>> in_pseudoautosomal_region(Assembly.GRCH38, "X", 154_535_276)
    False
    """
    return any(low <= start < high for low, high in _PAR[assembly].get(chrom, ()))
