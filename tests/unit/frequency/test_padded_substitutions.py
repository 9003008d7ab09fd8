"""Records split from those of several alleles keep bases that do not change: the same substitutions."""

import asyncio
from pathlib import Path
from typing import Any, cast

import orjson
import pysam
import pytest

from service.domain.assembly import Assembly
from service.domain.frequency_sources import Dialect, GeneRange, NodeEntry
from service.domain.variant import Variant
from service.frequency.column_store.build import build_store
from service.frequency.local_counts import local_counts
from service.frequency.node_answer import answer_of
from service.frequency.range_reader import RangeReader
from service.frequency.synced import SyncedSource
from service.frequency.synced_store import SyncedManifest, packed, write_synced
from service.frequency.wire import NodeWire

# As a file or node keeps it (1-based position, REF, ALT, AC), and the change itself (interbase start).
PADDED = [
    (101, "GA", "TA", 3, (100, "G", "T")),
    (201, "GAA", "TAA", 4, (200, "G", "T")),
    (301, "AG", "AT", 5, (301, "G", "T")),
    (401, "CAGA", "CATA", 6, (402, "G", "T")),
    (501, "GCA", "TTA", 7, (500, "GC", "TT")),
    (601, "AGC", "ATT", 8, (601, "GC", "TT")),
    (701, "AGCTA", "ATCGA", 9, (701, "GCT", "TCG")),
    (801, "GAA", "TAA,G", (2, 1), (800, "G", "T")),
    (901, f"G{'A' * 30}", f"T{'A' * 30}", 12, (900, "G", "T")),
]
HEADER = (
    '##fileformat=VCFv4.2\n##INFO=<ID=AC,Number=A,Type=Integer,Description="c">\n'
    '##INFO=<ID=AN,Number=1,Type=Integer,Description="n">\n##contig=<ID=chr1>\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
)


def first(count: int | tuple[int, ...]) -> int:
    return count if isinstance(count, int) else count[0]


EXPECTED = [(first(count), 200) for _, _, _, count, _ in PADDED]


def questions() -> list[list[Variant]]:
    """As a caller spells the change, with one base more on either side, and as the record does."""
    bare = [Variant(Assembly.GRCH38, "1", *change) for *_, change in PADDED]
    more = [Variant(v.assembly, v.chrom, v.start - 1, f"C{v.ref}A", f"C{v.alt}A") for v in bare]
    same = [Variant(Assembly.GRCH38, "1", pos - 1, ref, alt.split(",")[0]) for pos, ref, alt, _, _ in PADDED]
    return [bare, more, same]


def counts_of(source: Any, variants: list[Variant]) -> list[tuple[int, int] | None]:
    answers = source.look_up(variants)
    return [
        (a.frequency.allele_count, a.frequency.allele_number) if a is not None and a.frequency else None
        for a in answers
    ]


@pytest.mark.parametrize("kind", ["file", "bcf", "store", "store-of-bcf"])
def test_a_snapshot_finds_a_substitution_that_its_file_pads(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "sites.vcf"
    rows = []
    for pos, ref, alt, count, _ in PADDED:
        counts = ",".join(map(str, (count,) if isinstance(count, int) else count))
        rows.append(f"chr1\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\tAC={counts};AN=200\n")
    path.write_text(HEADER + "".join(rows))
    if "bcf" in kind:
        bcf = tmp_path / "sites.bcf"
        with (
            pysam.VariantFile(str(path)) as read,
            pysam.VariantFile(str(bcf), "wb", header=read.header) as out,
        ):
            for record in read:
                out.write(record)
        path = bcf
    if "store" in kind:
        build_store([path], tmp_path / "s", assembly=Assembly.GRCH38, dataset="d", version="1")
        path = tmp_path / "s"
    source = local_counts(NodeEntry("fi", "FI", snapshot=str(path)))
    for spelled in questions():
        assert counts_of(source, spelled) == EXPECTED
    others = [Variant(v.assembly, v.chrom, v.start, v.ref, "C" * len(v.ref)) for v in questions()[0]]
    assert source.look_up(others) == [None] * len(others)


class Node:
    """Gives all records as they are padded, in one page."""

    async def ask(self, question: object, most: int) -> bytes:
        rows = [
            {
                "variation": {
                    "location": {
                        "sequence_id": "refseq:NC_000001.11",
                        "interval": {"start": {"value": pos - 1}, "end": {"value": pos - 1 + len(ref)}},
                    },
                    "referenceBases": ref,
                    "alternateBases": alt.split(",")[0],
                },
                "frequencyInPopulations": [
                    {"frequencies": [{"population": "FI", "alleleCount": first(ac), "alleleNumber": 200}]}
                ],
            }
            for pos, ref, alt, ac, _ in PADDED
        ]
        result = {"id": "d", "setType": "dataset", "exists": True, "resultsCount": len(rows), "results": rows}
        return orjson.dumps({"responseSummary": {"exists": True}, "response": {"resultSets": [result]}})


def test_what_was_synced_finds_a_substitution_that_the_node_pads(tmp_path: Path) -> None:
    async def noted(_: GeneRange) -> None:
        pass

    entry = NodeEntry("fi", "FI", "http://fi")
    gene = GeneRange("G", Assembly.GRCH38, "1", 50, 1_000)
    reader = RangeReader(cast("NodeWire", Node()), entry, Dialect(range_queries=True), noted)
    listed = asyncio.run(reader.read(gene))
    lines = [packed(key, answer_of(entry, reading, "v")) for key, reading in listed.items()]
    ranges = (("G", "1", 50, 1_000),)
    write_synced(tmp_path, SyncedManifest("fi", "GRCh38", "v", "2026-01-01T00:00:00+00:00", ranges, 0), lines)
    for spelled in questions():
        assert counts_of(SyncedSource(tmp_path, entry), spelled) == EXPECTED
