"""Import MANE: models of every gene from NCBI's summary and GFF, exon bases from its RNA sequences.

A MANE transcript is by definition identical to GRCh38 over all its exons, so its RNA gives the genome's bases
there: enough for protein consequences of every MANE gene without the genome itself. A transcript whose RNA
does not have the length of its exons is left without bases, and counted.
Layout: https://ftp.ncbi.nlm.nih.gov/refseq/MANE/MANE_human/current/
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from service.domain.assembly import CHROMOSOMES, Assembly, parse_contig
from service.errors import InvalidInput
from service.knowledge.importers.reading import read_text, rows_of, tabbed
from service.knowledge.importers.registry import Context, Outcome, release_of
from service.knowledge.tables import write_table
from service.knowledge.two_bit import packed

_NEEDED = ("HGNC_ID", "symbol", "RefSeq_nuc", "RefSeq_prot", "Ensembl_nuc", "MANE_status", "GRCh38_chr",
           "chr_strand")  # fmt: skip
_COMPLEMENT = bytes.maketrans(b"ACGT", b"TGCA")


@dataclass(slots=True)
class _Model:
    """A transcript under collection: genomic exons and coding intervals, interbase."""

    strand: str
    exons: list[tuple[int, int]] = field(default_factory=list)
    coding: list[tuple[int, int]] = field(default_factory=list)

    def coding_interval(self) -> str:
        """Interbase coding interval in transcript coordinates, empty for a non-coding transcript."""
        if not self.coding:
            return ""
        low, high = min(s for s, _ in self.coding), max(e for _, e in self.coding)
        before, inside = 0, 0
        for start, end in self.exons:
            before += max(0, min(end, low) - start)
            inside += max(0, min(end, high) - max(start, low))
        total = sum(end - start for start, end in self.exons)
        first = before if self.strand == "+" else total - before - inside
        return f"{first}-{first + inside}"


def run(files: dict[str, Path], out: Path, context: Context) -> Outcome:
    """Write `models.tsv`, `hgnc.tsv`, and with RNA `exons.tsv` beside `exons.2bit`.

    Raises InvalidInput for another layout or an unnamed release.
    """
    summary, gff, *rna = (files[name] for name in files)
    release = release_of(summary, r"\.v(\d+(?:\.\d+)+)\.", context)
    models = _read_gff(gff)
    lines: list[tuple[int, int, str]] = []
    placed: dict[str, tuple[str, _Model]] = {}
    hgnc = {}
    left_out: dict[str, int] = defaultdict(int)
    rows = (line for line in read_text(summary))
    header = next(rows, "").lstrip("#").split("\t")
    for row in rows_of(tabbed(rows), header, _NEEDED, summary.name):
        contig, accession = parse_contig(row["GRCh38_chr"]), row["RefSeq_nuc"]
        if contig is None or Assembly.GRCH38 not in contig.assemblies:
            left_out["transcripts outside the primary chromosomes"] += 1
            continue
        model = models.get((accession, contig.chrom))
        if model is None:
            left_out["transcripts that the GFF does not have"] += 1
            continue
        hgnc[row["symbol"]] = row["HGNC_ID"]
        placed[accession] = (contig.chrom, model)
        start, end = model.exons[0][0], model.exons[-1][1]
        cells = (accession, row["RefSeq_prot"], row["Ensembl_nuc"], row["symbol"], row["HGNC_ID"],
                 row["MANE_status"], contig.chrom, model.strand, start, end, "", model.coding_interval(), "",
                 exon_steps(model.exons))  # fmt: skip
        lines.append((CHROMOSOMES.index(contig.chrom), start, "\t".join(map(str, cells))))
    if not lines:
        raise InvalidInput("summary and GFF have no transcript in common", where=summary.name)
    out.mkdir(parents=True)
    (out / "models.tsv").write_text("\n".join(line for _, _, line in sorted(lines)), "utf-8")
    write_table(out / "hgnc.tsv", ("gene", "hgnc"), sorted(hgnc.items()))
    counts = {"transcripts": len(lines), "genes": len(hgnc)}
    if rna:
        counts |= {"transcripts with bases": _write_bases(rna[0], placed, out, left_out)}
    return Outcome(release, "", counts, dict(left_out))


def exon_steps(exons: list[tuple[int, int]]) -> str:
    """Length of the first exon, then gap and length of each further one, as model lines have them.

    >>> exon_steps([(100, 110), (115, 135)])
    '10;5,20'
    """
    steps = [str(exons[0][1] - exons[0][0])]
    steps += [f"{s - e},{end - s}" for (_, e), (s, end) in itertools.pairwise(exons)]
    return ";".join(steps)


def _read_gff(file: Path) -> dict[tuple[str, str], _Model]:
    """Models by versioned accession and chromosome."""
    models: dict[tuple[str, str], _Model] = {}
    for line in read_text(file):
        if line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 9:
            raise InvalidInput(f"a line of {len(cells)} columns; GFF has 9", where=file.name)
        contig = parse_contig(cells[0]) if cells[2] in ("exon", "CDS") else None
        if contig is None:
            continue
        accession = _transcript_of(cells[8])
        if accession is None:
            continue
        model = models.setdefault((accession, contig.chrom), _Model(cells[6]))
        (model.exons if cells[2] == "exon" else model.coding).append((int(cells[3]) - 1, int(cells[4])))
    for model in models.values():
        model.exons.sort()
    return {key: model for key, model in models.items() if model.exons}


def _transcript_of(attributes: str) -> str | None:
    """The transcript that an exon or coding part belongs to: its parent, named after the accession."""
    parent = re.search(r"(?:^|;)Parent=(?:rna-)?([A-Z]{2}_\d+\.\d+)", attributes)
    return parent[1] if parent else None


def _write_bases(
    file: Path, placed: dict[str, tuple[str, _Model]], out: Path, left_out: dict[str, int]
) -> int:
    exons: dict[str, dict[tuple[int, int], bytes]] = {chrom: {} for chrom in CHROMOSOMES}
    known = 0
    for accession, bases in _sequences(file):
        if accession not in placed:
            continue
        chrom, model = placed[accession]
        total = sum(end - start for start, end in model.exons)
        # A poly-A tail after the last exon is not in the genome.
        if len(bases) < total or bases[total:].strip(b"A") or bases.strip(b"ACGT"):
            left_out["transcripts whose RNA does not fit their exons"] += 1
            continue
        known += 1
        bases = bases[:total] if model.strand == "+" else bases[:total].translate(_COMPLEMENT)[::-1]
        at = 0
        for start, end in model.exons:
            exons[chrom][start, end] = bases[at : at + end - start]
            at += end - start
    index, content = [], bytearray()
    for chrom, found in exons.items():
        for (start, end), bases in sorted(found.items()):
            index.append((chrom, str(start), str(end)))
            content += packed(np.frombuffer(bases, np.uint8)).tobytes()
    write_table(out / "exons.tsv", ("chrom", "start", "end"), index)
    (out / "exons.2bit").write_bytes(content)
    return known


def _sequences(file: Path) -> Iterator[tuple[str, bytes]]:
    accession, parts = "", list[str]()
    for line in read_text(file):
        if line.startswith(">"):
            if accession:
                yield accession, "".join(parts).upper().encode()
            accession, parts = line[1:].split(maxsplit=1)[0], []
        else:
            parts.append(line)
    if accession:
        yield accession, "".join(parts).upper().encode()
