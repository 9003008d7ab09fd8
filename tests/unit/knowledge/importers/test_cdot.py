"""cdot's alignments: transcripts that are read exactly, or left out and counted."""

import copy
import gzip
import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.assembly import Assembly, accession
from service.domain.transcript import OTHER, Transcript, parse_transcript
from service.domain.variant import Interval
from service.errors import InvalidInput
from service.knowledge import transcripts
from service.knowledge.importers.registry import source_named
from service.knowledge.importers.run import Imported, import_source
from service.knowledge.imports import Imports
from service.knowledge.repository import Knowledge, open_shipped
from service.knowledge.sorted_lines import SortedLines
from service.variants.describe import Describer
from service.variants.describe_lines import describe_lines
from service.variants.liftover import Liftover
from service.variants.reference import open_reference

Document = dict[str, Any]


@cache
def shipped() -> Knowledge:
    return open_shipped(None)


def of_gene(gene: str) -> Transcript:
    found: Transcript = shipped().part("transcripts").catalogue.of_gene(gene)[0]
    return found


def entry(model: Transcript) -> Document:
    """A model as cdot writes it. Source: cdot's JSON data format, coordinates and exon alignments."""
    order = model.exons if model.strand > 0 else model.exons[::-1]
    exons, first = [], 1
    for number, (start, end) in enumerate(order):
        exons.append([start, end, number, first, first + end - start - 1, None])
        first += end - start
    build: Document = {
        "contig": accession(Assembly.GRCH38, model.chrom),
        "strand": "+" if model.strand > 0 else "-",
        "exons": exons if model.strand > 0 else exons[::-1],
    }
    written: Document = {
        "id": model.accession,
        "gene_name": model.gene,
        "hgnc": (model.hgnc_id or "").removeprefix("HGNC:") or None,
        "genome_builds": {"GRCh38": build},
    }
    if model.cds:
        coding = model.coding_exons
        build |= {"cds_start": coding[0][0], "cds_end": coding[-1][1]}
        written |= {"protein": model.protein, "start_codon": model.cds[0], "stop_codon": model.cds[1]}
    return written


def document(entries: dict[str, Document]) -> Document:
    return {"cdot_version": "0.2.33", "genome_builds": ["GRCh38"], "genes": {}, "transcripts": entries}


def bring(
    entries: dict[str, Document], imports: Imports, source: str = "cdot-refseq", name: str = ""
) -> Imported:
    path = imports.folder.parent.parent / (name or "cdot-0.2.33.refseq.GRCh38.json.gz")
    content = json.dumps(document(entries)).encode()
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
    return import_source(source_named(source), str(path), imports, shipped().part)


def folders(imports: Imports) -> dict[str, Path]:
    return {name: imports.path(name, found.release) for name, found in imports.current().items()}


def imported(imports: Imports) -> Iterable[Transcript]:
    for folder in folders(imports).values():
        for line in (folder / "models.tsv").read_text("utf-8").splitlines():
            yield parse_transcript(line)


def a_describer(imports: Imports, out: Path) -> Describer:
    transcripts.overlay(shipped().artifact / "transcripts", folders(imports), out)
    knowledge = transcripts.load(out)
    reference = open_reference(knowledge.regions)
    return Describer(knowledge, reference, Liftover(shipped().part("liftover"), reference))


def facts(model: Transcript) -> tuple[object, ...]:
    return (model.accession, model.gene, model.hgnc_id, model.chrom, model.strand, model.exons, model.cds,
            model.protein)  # fmt: skip


def test_a_document_of_our_models_gives_them_back(imports: Imports) -> None:
    models = {
        model.accession: model
        for model in list(shipped().part("transcripts").catalogue)[::4]
        if model.chrom != "MT" and not model.differences
    }
    assert {model.strand for model in models.values()} == {1, -1}
    assert any(len(model.exons) > 50 for model in models.values())
    done = bring({name: entry(model) for name, model in models.items()}, imports)
    found = list(imported(imports))
    assert {facts(model) for model in found} == {facts(model) for model in models.values()}
    assert {model.kind for model in found} == {OTHER}
    assert (done.release.release, done.release.left_out) == ("0.2.33", {})


def cut(model: Transcript, bases: int) -> Transcript:
    """The model without the first bases of its transcript, which lie in its first exon and are not coding."""
    exons, low = list(model.exons), model.cds[0] if model.cds else 0
    at = 0 if model.strand > 0 else -1
    start, end = exons[at]
    assert bases < min(low, end - start)
    exons[at] = (start + bases, end) if model.strand > 0 else (start, end - bases)
    coding = model.cds and (model.cds[0] - bases, model.cds[1] - bases)
    return replace(model, exons=tuple(exons), cds=coding)


@pytest.mark.parametrize("gene", ["TPMT", "CYP2C19"], ids=["minus", "plus"])
def test_an_earlier_version_is_read_by_its_own_alignment(imports: Imports, tmp_path: Path, gene: str) -> None:
    mane = of_gene(gene)
    stem, _, number = mane.accession.partition(".")
    earlier = f"{stem}.{int(number) - 1}"
    before = Describer(shipped().part("transcripts"), *_reading())
    (unknown,) = describe_lines([f"{earlier}:n.300del"], before)
    assert "is not known in this version" in unknown["error"]

    bring({earlier: entry(replace(cut(mane, 7), accession=earlier))}, imports)
    after = a_describer(imports, tmp_path / "transcripts")
    old, new = describe_lines([f"{earlier}:n.293del", f"{mane.accession}:n.300del"], after)
    assert old["ok"], old["error"]
    assert (old["hgvs_g"], old["hgvs_c"], old["notes"]) == (new["hgvs_g"], new["hgvs_c"], new["notes"])
    assert old["transcript"] == mane.accession
    (lacking,) = describe_lines([f"{stem}.99:c.1A>G"], after)
    assert lacking["error"].endswith(f"known: {earlier}, {mane.accession}")


def _reading() -> tuple[Any, Liftover]:
    reference = open_reference(shipped().part("transcripts").regions)
    return reference, Liftover(shipped().part("liftover"), reference)


def a_short_isoform(name: str, protein: str) -> Transcript:
    """TP53 without its first four exons, as no version of a MANE transcript: a made-up transcript."""
    mane = of_gene("TP53")
    lengths = [end - start for start, end in mane.exons[::-1]]
    gone = sum(lengths[:4])
    assert mane.cds is not None
    start = (mane.cds[0] - gone) % 3
    return replace(
        mane, accession=name, protein=protein, exons=mane.exons[:-4], cds=(start, mane.cds[1] - gone),
        ensembl=None
    )  # fmt: skip


def test_a_transcript_that_is_no_mane_version_is_described_itself(imports: Imports, tmp_path: Path) -> None:
    ensembl = a_short_isoform("ENST00099999001.2", "ENSP00099999001.2")
    refseq = a_short_isoform("NM_999999001.2", "NP_999999001.2")
    bring({refseq.accession: entry(refseq)}, imports)
    bring({ensembl.accession: entry(ensembl)}, imports, "cdot-ensembl", "cdot-0.2.33.ensembl.GRCh38.json")
    describer = a_describer(imports, tmp_path / "transcripts")
    # Source: ClinVar, NM_000546.6(TP53):c.743G>A (p.Arg248Gln), 17-7674220-C-T.
    mane = of_gene("TP53")
    assert mane.cds is not None
    assert ensembl.cds is not None
    shift = (mane.length - ensembl.length) + (ensembl.cds[0] - mane.cds[0])
    names = [f"{t.accession}:c.{743 - shift}G>A" for t in (ensembl, refseq)]
    known, own, of_mane = describe_lines([*names, "NM_000546.6:c.743G>A"], describer)
    assert (of_mane["hgvs_g"], of_mane["hgvs_p"]) == (
        "NC_000017.11:g.7674220C>T", "NP_000537.3:p.(Arg248Gln)"
    )  # fmt: skip
    assert known["hgvs_g"] == own["hgvs_g"] == of_mane["hgvs_g"]
    assert [known["hgvs_c"], own["hgvs_c"]] == names
    assert known["hgvs_p"] == f"ENSP00099999001.2:p.(Arg{248 - shift // 3}Gln)"
    # Nothing tells where a RefSeq transcript's own bases differ from the genome.
    assert own["hgvs_p"] == "unavailable: sequence not configured"
    assert own["consequence"] != "missense_variant"


def test_mane_stays_described_for_a_version_of_its_ensembl_name(imports: Imports, tmp_path: Path) -> None:
    mane = of_gene("TPMT")
    assert mane.ensembl == "ENST00000309983.5"
    older = replace(mane, accession="ENST00000309983.4", protein="ENSP00000312304.4")
    bring({older.accession: entry(older)}, imports, "cdot-ensembl", "cdot-0.2.33.ensembl.GRCh38.json.gz")
    (answer,) = describe_lines(["ENST00000309983.4:c.719A>G"], a_describer(imports, tmp_path / "transcripts"))
    assert (answer["transcript"], answer["hgvs_c"]) == ("NM_000367.5", "NM_000367.5:c.719A>G")


def test_symbols_follow_the_hgnc_id(imports: Imports, tmp_path: Path) -> None:
    isoform = replace(a_short_isoform("NM_999999001.2", "NP_999999001.2"), gene="OLDNAME")
    bring({isoform.accession: entry(isoform)}, imports)
    found = a_describer(imports, tmp_path / "transcripts").models.catalogue.get(isoform.accession)
    assert found is not None
    assert (found.gene, found.hgnc_id) == ("TP53", "HGNC:11998")


def _gap(written: Document) -> None:
    """A gap text that adds a base which the exon's transcript positions do not have."""
    exon = written["genome_builds"]["GRCh38"]["exons"][-1]
    half = (exon[1] - exon[0]) // 2
    exon[5] = f"M{half} I1 M{exon[1] - exon[0] - half}"


def _far(written: Document) -> None:
    """An alignment a whole chromosome further than chromosome 6 is long."""
    build = written["genome_builds"]["GRCh38"]
    for exon in build["exons"]:
        exon[:2] = [place + 10**9 for place in exon[:2]]
    build |= {"cds_start": build["cds_start"] + 10**9, "cds_end": build["cds_end"] + 10**9}


def _set(*path: Any, to: Any) -> Callable[[Document], None]:
    def change(written: Document) -> None:
        place = written
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


BUILD = ("genome_builds", "GRCh38")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_gap, "whose alignment contradicts itself"),
        (_far, "outside their chromosome"),
        (_set(*BUILD, "exons", -1, 3, to=2), "aligned in part"),
        (_set(*BUILD, "exons", -1, 4, to=5), "whose alignment contradicts itself"),
        (_set(*BUILD, "strand", to="."), "whose alignment contradicts itself"),
        (_set(*BUILD, "cds_start", to=1), "whose alignment contradicts itself"),
        (_set("start_codon", to=90), "whose alignment contradicts itself"),
        (_set(*BUILD, "contig", to="NC_000006.11"), "outside chromosomes 1 to 22, X and Y of GRCh38"),
        (_set(*BUILD, "contig", to="NW_009646201.1"), "outside chromosomes 1 to 22, X and Y of GRCh38"),
        (_set(*BUILD, "other_chroms", to=["NC_000007.14"]), "aligned to several chromosomes"),
        (_set(*BUILD, "tag", to="basic,cds_end_NF"), "whose coding sequence is not whole"),
        (_set("partial", to=1), "whose coding sequence is not whole"),
        (_set("protein", to=None), "without the versioned accession of their protein"),
        (_set(*BUILD, "cds_start", to=None), "whose coding sequence has no place"),
        (_set("gene_name", to=None), "without a gene"),
        (_set("genome_builds", to={"GRCh36": {}}), "without an alignment to GRCh38 or GRCh37"),
    ],
    ids=["gap", "far", "hole", "length", "strand", "intron", "start", "GRCh37", "patch", "twice",
         "unfinished", "partial", "protein", "place", "gene", "build"],
)  # fmt: skip
def test_what_cannot_be_said_exactly_is_left_out_and_counted(
    imports: Imports, change: Callable[[Document], None], reason: str
) -> None:
    whole = entry(of_gene("TPMT"))
    changed = copy.deepcopy(whole)
    change(changed)
    done = bring({"NM_000367.4": whole, "NM_000367.3": changed}, imports)
    assert [model.accession for model in imported(imports)] == ["NM_000367.4"]
    assert done.release.left_out == {f"transcripts {reason}": 1}


def test_other_accessions_are_left_out(imports: Imports) -> None:
    whole = entry(of_gene("TPMT"))
    done = bring({"NM_000367.4": whole, "fake-rna-TPMT": whole, "ENST00000309983.4_PAR_Y": whole}, imports)
    reason = "transcripts without a versioned RefSeq or Ensembl accession"
    assert (done.release.rows, done.release.left_out) == ({"transcripts": 1}, {reason: 2})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{}", "not laid out as cdot's JSON"),
        (b"transcript\tgene\n", "not laid out as cdot's JSON"),
        (b'{"cdot_version": "0.2.33", "transcripts": {}}', "no transcript that can be taken"),
        (b'{"cdot_version": "0.2.33", "transcripts": {"NM_1.1": []}}', "not laid out as cdot's JSON"),
    ],
    ids=["empty", "table", "none", "entry"],
)
def test_another_file_is_refused(imports: Imports, tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "cdot.json"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=expected):
        import_source(source_named("cdot-refseq"), str(path), imports, shipped().part)
    assert not imports.current()


@given(st.lists(st.text("AB.1\té", max_size=4), min_size=1, unique=True), st.text("AB.1é", max_size=3))
def test_lines_are_found_by_how_they_begin(lines: list[str], prefix: str) -> None:
    ordered = sorted(lines, key=str.encode)
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_text("".join(f"{line}\n" for line in ordered), "utf-8")
        found = SortedLines(Path(file.name)).beginning(prefix)
    assert found == tuple(line for line in ordered if line.startswith(prefix))


def gapped(model: Transcript, name: str, gap: str) -> Document:
    """A model whose largest exon has a gap in its middle, such as `I2`; coding positions as they come."""
    written = entry(replace(model, accession=name))
    build = written["genome_builds"]["GRCh38"]
    order = build["exons"] if model.strand > 0 else build["exons"][::-1]
    largest = max(order, key=lambda exon: exon[1] - exon[0])
    size, shift = largest[1] - largest[0], {"I": 1, "D": -1}[gap[0]] * int(gap[1:])
    half = size // 2
    largest[5] = f"M{half} {gap} M{size - half + min(shift, 0)}"
    within = False
    for exon in order:
        exon[3] += shift if within else 0
        within = within or exon is largest
        exon[4] += shift if within else 0
    return written


@pytest.mark.parametrize("gap", ["I3", "D3"])
@pytest.mark.parametrize("gene", ["BRCA1", "BRCA2"], ids=["minus", "plus"])
def test_an_alignment_with_a_gap_is_read_on_both_sides_of_it(
    imports: Imports, tmp_path: Path, gene: str, gap: str
) -> None:
    mane = of_gene(gene)
    assert mane.cds is not None
    shift = {"I": 3, "D": -3}[gap[0]]
    written = gapped(mane, "NM_999999002.1", gap)
    written["stop_codon"] += shift
    done = bring({"NM_999999002.1": written}, imports)
    assert done.release.left_out == {}
    describer = a_describer(imports, tmp_path / "transcripts")
    lengths = [e - s for s, e in (mane.exons if mane.strand > 0 else mane.exons[::-1])]
    largest = lengths.index(max(lengths))
    at = sum(lengths[:largest]) + max(lengths) // 2 - mane.cds[0]  # coding bases before the gap
    before, after = at - 40, at + 40
    asked = (f"{before}del", f"{after + shift}del", f"{at - 1}_{at + 5}del")
    own_before, own_after, within = describe_lines(
        [f"NM_999999002.1:c.{change}" for change in asked], describer
    )
    mane_before, mane_after = describe_lines(
        [f"{mane.accession}:c.{n}del" for n in (before, after)], describer
    )
    assert own_before["hgvs_g"] == mane_before["hgvs_g"], own_before["error"]
    assert own_after["hgvs_g"] == mane_after["hgvs_g"], own_after["error"]
    place = own_after["hgvs_c"].split(".")[-1]
    expected = mane_after["hgvs_c"].split(".")[-1]
    assert int(place.rstrip("del").split("_")[0]) - shift == int(expected.rstrip("del").split("_")[0])
    assert "has a gap there" in within["error"]


def test_an_alignment_to_grch37_alone_leads_to_grch38(imports: Imports, tmp_path: Path) -> None:
    mane = of_gene("TPMT")
    _, liftover = _reading()
    written = entry(replace(mane, accession="NM_000367.4"))
    build = written["genome_builds"].pop("GRCh38")
    moved = [
        liftover.lift_interval(Assembly.GRCH38, Interval(mane.chrom, start, end), Assembly.GRCH37)
        for start, end, *_ in build["exons"]
    ]
    offset = moved[0].start - build["exons"][0][0]
    assert all(m.end - m.start == e[1] - e[0] for m, e in zip(moved, build["exons"], strict=True))
    for exon, place in zip(build["exons"], moved, strict=True):
        exon[0], exon[1] = place.start, place.end
    build |= {key: build[key] + offset for key in ("cds_start", "cds_end")}
    written["genome_builds"]["GRCh37"] = build | {"contig": accession(Assembly.GRCH37, mane.chrom)}
    done = bring({"NM_000367.4": written}, imports)
    assert (done.release.rows, done.release.left_out) == ({"transcripts": 1}, {})
    describer = a_describer(imports, tmp_path / "transcripts")
    old, new = describe_lines(["NM_000367.4:c.719A>G", "NM_000367.5:c.719A>G"], describer)
    assert old["ok"], old["error"]
    assert {**old, "input": ""} == {**new, "input": ""}


def test_proteins_of_imported_transcripts_are_found(imports: Imports, tmp_path: Path) -> None:
    ensembl = a_short_isoform("ENST00099999001.2", "ENSP00099999001.2")
    bring({ensembl.accession: entry(ensembl)}, imports, "cdot-ensembl", "cdot-0.2.33.ensembl.GRCh38.json")
    describer = a_describer(imports, tmp_path / "transcripts")
    mane = of_gene("TP53")
    assert mane.cds is not None
    assert ensembl.cds is not None
    number = 248 - ((mane.length - ensembl.length) + (ensembl.cds[0] - mane.cds[0])) // 3
    found, version = describe_lines(
        [f"ENSP00099999001.2:p.Arg{number}Trp", f"ENSP00099999001.9:p.Arg{number}Trp"], describer
    )
    (named,) = describe_lines(["NP_000537.3:p.Arg248Trp"], describer)
    assert found["hgvs_g"] == named["hgvs_g"] == "NC_000017.11:g.7674221G>A"
    assert version["error"] == "protein ENSP00099999001.9 is not known; known: ENSP00099999001.2"
