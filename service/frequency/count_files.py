"""Allele counts from files: TSV with the columns of a national node, VCF or BCF with count INFO fields."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from service.domain.assembly import parse_contig
from service.errors import InvalidInput
from service.frequency.allele_counts import (
    AlleleCounts,
    ListedAllele,
    UncountedAllele,
    homozygous_people,
)
from service.frequency.bcf import open_gzip, read_bcf

COLUMNS = ("chrom", "pos", "ref", "alt", "ac", "an")
OPTIONAL_COLUMNS = ("ac_het", "ac_hom_alleles", "ac_hemi", "ac_f", "an_f", "ac_m", "an_m")
# INFO keys of women's and men's counts: gnomAD's, then those of sex-split +fill-tags groups.
SEX_KEYS = (("XX", "XY"), ("female", "male"), ("F", "M"))
# Genetic-ancestry groups by gnomAD's ids, v2.1 to v4.1.
ANCESTRIES = ("afr", "ami", "amr", "asj", "eas", "fin", "mid", "nfe", "sas", "remaining", "oth")
# INFO keys of a whole cohort's counts.
COUNT_KEYS = ("AC", "AN", "nhomalt", "AC_Hom", "AC_Het", "AC_Hemi")
_BASES = frozenset("ACGTN")
log = logging.getLogger("genomeward.frequency")


def read_counts(path: Path, country: str | None = None) -> Iterator[ListedAllele]:
    """Every allele of a file, in file order; records that did not pass FILTER are left out.

    One whose AC or AN is missing comes without counts. `country` finds `AC_<country>` where a file has no
    plain AC. Contigs outside the primary chromosomes and symbolic alleles are skipped.

    Raises:
        InvalidInput: the file is none of the known formats, a line contradicts itself, or no line has counts.
    """
    alleles = uncounted = first = 0
    for alleles, row in enumerate(_read(path, country), start=1):
        if isinstance(row, UncountedAllele):
            uncounted += 1
            first = first or alleles
        yield row
    if uncounted and uncounted == alleles:
        raise InvalidInput("no record has AC and AN; a bare AF cannot be served", where=path.name)
    if uncounted:
        tell_uncounted(path.name, uncounted, first)


def tell_uncounted(name: str, count: int, first: int) -> None:
    """Say that a file lists alleles without counts: how many, and the number of the first; never which."""
    log.warning(
        "%s has entries without AC or AN: %d, the first is number %d; "
        "asked for, they answer that their frequency is not known",
        name,
        count,
        first,
    )


def _read(path: Path, country: str | None) -> Iterator[ListedAllele]:
    try:
        with _open(path) as stream:
            head = stream.read(9)
        if head[:5] == b"BCF\x02\x02":
            yield from _from_vcf(read_bcf(path), country)
            return
        with _open(path) as stream:
            lines = (line.rstrip(b"\r\n").decode("ascii") for line in stream)
            if head.startswith(b"##filefor"):
                yield from _from_vcf(_vcf_rows(lines), country)
            else:
                yield from _from_tsv(lines, path.name)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or str(error)  # without the path of this machine
        raise InvalidInput(f"cannot read allele counts: {said}", where=path.name) from error


def _open(path: Path) -> IO[bytes]:
    with path.open("rb") as stream:
        magic = stream.read(2)
    return open_gzip(path) if magic == b"\x1f\x8b" else path.open("rb")


def _from_tsv(lines: Iterator[str], name: str) -> Iterator[ListedAllele]:
    header: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line or line.startswith("##"):
            continue
        fields = line.lstrip("#").split("\t")
        if not header:
            header = {column: index for index, column in enumerate(fields)}
            lacking = [column for column in COLUMNS if column not in header]
            if lacking:
                raise InvalidInput(
                    f"the header lacks the column(s) {', '.join(lacking)}; "
                    f"expected {' '.join((*COLUMNS, *OPTIONAL_COLUMNS))}",
                    where=f"{name} line {number}",
                )
            continue
        try:
            counts = _tsv_row(fields, header)
        except (ValueError, IndexError) as error:
            raise InvalidInput(f"not a row of counts: {error}", where=f"{name} line {number}") from error
        if counts is not None:
            yield counts
    if not header:
        raise InvalidInput("the file is empty; expected a header line of column names", where=name)


def _tsv_row(fields: Sequence[str], header: dict[str, int]) -> ListedAllele | None:
    def number(column: str) -> int | None:
        index = header.get(column)
        text = fields[index] if index is not None else ""
        return int(text) if text not in ("", ".", "NA") else None

    contig = parse_contig(fields[header["chrom"]])
    ref, alt = fields[header["ref"]].upper(), fields[header["alt"]].upper()
    if contig is None or not _spelled(ref, alt):
        return None
    start = int(fields[header["pos"]]) - 1
    ac, an = number("ac"), number("an")
    if ac is None or an is None:
        return UncountedAllele(contig.chrom, start, ref, alt)
    hemizygotes = number("ac_hemi")
    homozygous = number("ac_hom_alleles")
    sexes = [number(column) for column in ("ac_f", "an_f", "ac_m", "an_m")]
    return AlleleCounts(
        contig.chrom,
        start,
        ref,
        alt,
        ac,
        an,
        None if homozygous is None else homozygous // 2,
        number("ac_het"),
        hemizygotes,
        _sex_pairs(sexes),
    )


def _sex_pairs(sexes: Sequence[int | None]) -> tuple[tuple[int, int], tuple[int, int]] | None:
    ac_f, an_f, ac_m, an_m = sexes
    if ac_f is None or an_f is None or ac_m is None or an_m is None:
        return None
    return (ac_f, an_f), (ac_m, an_m)


def _spelled(ref: str, alt: str) -> bool:
    return ref != alt and bool(ref) and bool(alt) and _BASES.issuperset(ref) and _BASES.issuperset(alt)


VcfRow = tuple[str, int, str, Sequence[str], bool, dict[str, str]]


def _vcf_rows(lines: Iterator[str]) -> Iterator[VcfRow]:
    """Chromosome, interbase start, REF, ALTs, passed, INFO of every record of a VCF."""
    for line in lines:
        if line.startswith("#") or not line:
            continue
        chrom, pos, _, ref, alts, _, filters, info = line.split("\t", 8)[:8]
        fields = dict(pair.partition("=")[::2] for pair in info.split(";"))
        yield chrom, int(pos) - 1, ref.upper(), alts.upper().split(","), filters in ("PASS", "."), fields


def _from_vcf(rows: Iterable[VcfRow], country: str | None) -> Iterator[ListedAllele]:
    for chrom, start, ref, alts, passed, info in rows:
        contig = parse_contig(chrom)
        if contig is None or not passed:
            continue
        where = f"{chrom}:{start + 1}"
        suffix = _suffix(info, country)
        try:
            an = _per_allele(info, f"AN{suffix}", 0, 1)
            for index, alt in enumerate(alts):
                if not _spelled(ref, alt):
                    continue
                ac = _per_allele(info, f"AC{suffix}", index, len(alts))
                if ac is None or an is None:
                    yield UncountedAllele(contig.chrom, start, ref, alt)
                    continue
                yield _vcf_allele(contig.chrom, start, ref, alt, ac, an, info, suffix, index, len(alts))
        except ValueError as error:
            raise InvalidInput(f"INFO counts cannot be read: {error}", where=where) from error


def _suffix(info: dict[str, str], country: str | None) -> str:
    """What follows AC and AN: nothing, `_joint` in gnomAD's joint files, or the country."""
    if "AN" in info:
        return ""
    if "AN_joint" in info:
        return "_joint"
    return f"_{country}" if country else ""


def _vcf_allele(
    chrom: str,
    start: int,
    ref: str,
    alt: str,
    ac: int,
    an: int,
    info: dict[str, str],
    suffix: str,
    index: int,
    alleles: int,
) -> AlleleCounts:
    def number(key: str) -> int | None:
        return _per_allele(info, key + suffix, index, alleles)

    heterozygotes, hemizygotes = number("AC_Het"), number("AC_Hemi")
    people = number("nhomalt")
    if people is None:
        people = homozygous_people(ac, heterozygotes, number("AC_Hom"), hemizygotes or 0)
    joint = suffix if suffix == "_joint" else ""
    return AlleleCounts(
        chrom,
        start,
        ref,
        alt,
        ac,
        an,
        people,
        heterozygotes,
        hemizygotes,
        _vcf_sexes(info, index, alleles, joint),
        tuple(_vcf_ancestry(info, index, alleles, joint)),
    )


def _vcf_ancestry(
    info: dict[str, str], index: int, alleles: int, joint: str
) -> Iterator[tuple[str, int, int]]:
    for group in ANCESTRIES:
        for separator in "_-":
            key = f"{joint}{separator}{group}"
            if f"AN{key}" in info:
                ac = _per_allele(info, f"AC{key}", index, alleles)
                an = _per_allele(info, f"AN{key}", 0, alleles)
                if ac is not None and an is not None:
                    yield group, ac, an


def _vcf_sexes(
    info: dict[str, str], index: int, alleles: int, joint: str
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    for female, male in SEX_KEYS:
        if f"AN{joint}_{female}" in info and f"AN{joint}_{male}" in info:
            return _sex_pairs(
                [
                    _per_allele(info, f"{count}{joint}_{sex}", index if count == "AC" else 0, alleles)
                    for sex in (female, male)
                    for count in ("AC", "AN")
                ]
            )
    return None


def _per_allele(info: dict[str, str], key: str, index: int, alleles: int) -> int | None:
    """The INFO value of one ALT; a value with another length than the ALTs is refused."""
    text = info.get(key, "")
    if text in ("", "."):
        return None
    values = text.split(",")
    if len(values) == 1 and (alleles == 1 or key.startswith("AN")):
        index = 0
    elif len(values) != alleles:
        raise ValueError(f"{key} has {len(values)} values for {alleles} alternate alleles")
    return None if values[index] in ("", ".") else int(values[index])
