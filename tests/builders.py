"""Samples for tests: VCF files, written line by line as a laboratory would send them."""

import gzip
from pathlib import Path
from typing import Self

import pysam

_HEADER_LINES = (
    '##FILTER=<ID=PASS,Description="All filters passed">',
    '##FILTER=<ID=LowQual,Description="Low quality">',
    '##INFO=<ID=END,Number=1,Type=Integer,Description="End of the block">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allele depths">',
    '##FORMAT=<ID=AF,Number=A,Type=Float,Description="Fraction of reads">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Genotype quality">',
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">',
    '##FORMAT=<ID=FT,Number=1,Type=String,Description="Sample filter">',
)


class VcfSample:
    """A VCF file under construction; every method returns the builder.

    >>> text = a_vcf().record("chr10", 94781859, "G", "A", "0/1").text()
    >>> text.splitlines()[-1].split("\\t")[3:5]
    ['G', 'A']
    """

    def __init__(self, *samples: str, assembly: str | None = "GRCh38", version: str = "4.2") -> None:
        self._samples = samples or ("P1",)
        self._assembly = assembly
        self._version = version
        self._contigs: dict[str, str] = {}
        self._header: list[str] = []
        self._lines: list[str] = []
        self._line_end = "\n"

    def contig(self, name: str, *, length: int | None = None, assembly: str | None = None) -> Self:
        """Declare a contig as given; nothing is added to it."""
        fields = [f"ID={name}"]
        fields += [f"length={length}"] if length is not None else []
        fields += [f"assembly={assembly}"] if assembly is not None else []
        self._contigs[name] = ",".join(fields)
        return self

    def header(self, line: str) -> Self:
        """Add one `##` line as given."""
        self._header.append(line)
        return self

    def record(
        self,
        chrom: str,
        pos: int | str,
        ref: str,
        alt: str,
        *genotypes: str,
        rsid: str = ".",
        filters: str = "PASS",
        info: str = ".",
        fields: str = "GT",
    ) -> Self:
        """Add a record; one text per sample as `fields` lays out, or one text for all samples."""
        columns = genotypes if len(genotypes) == len(self._samples) else genotypes * len(self._samples)
        self._lines.append("\t".join((chrom, str(pos), rsid, ref, alt, ".", filters, info, fields, *columns)))
        if chrom not in self._contigs and self._assembly is not None:
            self.contig(chrom, assembly=self._assembly)
        return self

    def line(self, text: str) -> Self:
        """Add one line as given, however broken."""
        self._lines.append(text)
        return self

    def windows_line_ends(self) -> Self:
        """End every line with CR LF."""
        self._line_end = "\r\n"
        return self

    def text(self) -> str:
        """The file's text."""
        contigs = [f"##contig=<{fields}>" for fields in self._contigs.values()]
        columns = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *self._samples)
        lines = (
            f"##fileformat=VCFv{self._version}",
            *_HEADER_LINES,
            *contigs,
            *self._header,
            "\t".join(columns),
            *self._lines,
        )
        return "".join(line + self._line_end for line in lines)

    def encoded(self) -> bytes:
        """The file's bytes, uncompressed."""
        return self.text().encode()

    def write(self, path: Path) -> Path:
        """Write the file as its name says: `.vcf`, `.vcf.gz` (gzip), `.vcf.bgz` (bgzip) or `.bcf`."""
        if path.suffix == ".gz":
            path.write_bytes(gzip.compress(self.encoded()))
        elif path.suffix == ".bgz":
            with pysam.BGZFile(str(path), "wb") as stream:
                stream.write(self.encoded())
        elif path.suffix == ".bcf":
            self._write_bcf(path)
        else:
            path.write_bytes(self.encoded())
        return path

    def _write_bcf(self, path: Path) -> None:
        plain = path.with_suffix(".as-text.vcf")
        plain.write_bytes(self.encoded())
        with (
            pysam.VariantFile(str(plain)) as source,
            pysam.VariantFile(str(path), "wb", header=source.header) as target,
        ):
            for record in source:
                target.write(record)
        plain.unlink()


def a_vcf(*samples: str, assembly: str | None = "GRCh38", version: str = "4.2") -> VcfSample:
    """A VCF of these samples (one, `P1`, unless named); `assembly` labels the contigs that records use."""
    return VcfSample(*samples, assembly=assembly, version=version)
