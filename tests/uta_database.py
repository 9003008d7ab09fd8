"""A UTA schema and a SeqRepo folder, filled from transcript models as their makers lay them out."""

import warnings
from collections.abc import Iterable
from pathlib import Path

import psycopg

from service.domain.assembly import Assembly, accession
from service.domain.transcript import Transcript
from service.variants.coding import Geometry

# Source: UTA's schema 1.1 (https://github.com/biocommons/uta), the relations that the hgvs package asks.
RELATIONS = """
create table meta (key text primary key, value text not null);
create table gene (hgnc text primary key, maploc text, descr text, summary text, aliases text);
create table transcript (ac text primary key, hgnc text, cds_start_i int, cds_end_i int);
create table associated_accessions (tx_ac text not null, pro_ac text not null, origin text not null);
create table exon_set (exon_set_id serial primary key, tx_ac text not null references transcript,
    alt_ac text not null, alt_strand smallint not null, alt_aln_method text not null);
create table exon (exon_id serial primary key, exon_set_id int not null references exon_set,
    start_i int not null, end_i int not null, ord int not null);
create table exon_aln (exon_aln_id serial primary key, tx_exon_id int not null references exon,
    alt_exon_id int not null references exon, cigar text not null);
create view tx_exon_aln_v as
    select t.hgnc, t.ac as tx_ac, aes.alt_ac, aes.alt_aln_method, aes.alt_strand, te.ord,
        te.start_i as tx_start_i, te.end_i as tx_end_i, ae.start_i as alt_start_i, ae.end_i as alt_end_i,
        ea.cigar, ea.exon_aln_id
    from transcript t
    join exon_set tes on t.ac = tes.tx_ac and tes.alt_aln_method = 'transcript'
    join exon te on tes.exon_set_id = te.exon_set_id
    join exon_set aes on t.ac = aes.tx_ac and aes.alt_aln_method <> 'transcript'
    join exon ae on aes.exon_set_id = ae.exon_set_id and te.ord = ae.ord
    left join exon_aln ea on te.exon_id = ea.tx_exon_id and ae.exon_id = ea.alt_exon_id;
create view tx_def_summary_v as
    select es.exon_set_id, es.tx_ac, es.alt_ac, es.alt_aln_method, es.alt_strand, t.hgnc, t.cds_start_i,
        t.cds_end_i, (select array_agg(e.end_i - e.start_i order by e.ord) from exon e
            where e.exon_set_id = es.exon_set_id) as lengths
    from transcript t join exon_set es on t.ac = es.tx_ac and es.alt_aln_method = 'transcript';
insert into meta values ('schema_version', '1.1');
"""


def fill_uta(server: str, schema: str, models: Iterable[Transcript]) -> str:
    """Make the schema on a server; its URL as the `hgvs` package takes it."""
    with psycopg.connect(server) as connection:
        connection.execute(f"create schema {schema}".encode())
        connection.execute(f"set search_path to {schema}".encode())
        connection.execute(RELATIONS.encode())
        for model in models:
            _add(connection, model)
    return f"{server}/{schema}"


def _add(connection: psycopg.Connection, model: Transcript) -> None:
    geometry, (start, end) = Geometry(model), model.cds or (None, None)
    connection.execute(
        "insert into transcript values (%s, %s, %s, %s)", [model.accession, model.gene, start, end]
    )
    if model.protein:
        connection.execute(
            "insert into associated_accessions values (%s, %s, 'NCBI')", [model.accession, model.protein]
        )
    own = _exon_set(connection, model, model.accession, 1, "transcript")
    aligned = _exon_set(connection, model, accession(model.assembly, model.chrom), model.strand, "splign")
    count = len(model.exons)
    for number, (low, high) in enumerate(model.exons):
        order = number if model.strand > 0 else count - 1 - number
        ids = [
            connection.execute(
                "insert into exon (exon_set_id, start_i, end_i, ord) values (%s, %s, %s, %s) "
                "returning exon_id",
                [exon_set, first, last, order],
            ).fetchone()
            for exon_set, first, last in (
                (own, geometry.first_offsets[number], geometry.after(number)), (aligned, low, high)
            )
        ]  # fmt: skip
        assert all(ids)
        connection.execute(
            "insert into exon_aln (tx_exon_id, alt_exon_id, cigar) values (%s, %s, %s)",
            [*(i[0] for i in ids if i), geometry.cigar(number)],
        )


def _exon_set(
    connection: psycopg.Connection, model: Transcript, molecule: str, strand: int, method: str
) -> int:
    made = connection.execute(
        "insert into exon_set (tx_ac, alt_ac, alt_strand, alt_aln_method) values (%s, %s, %s, %s) "
        "returning exon_set_id",
        [model.accession, molecule, strand, method],
    ).fetchone()
    assert made is not None
    return int(made[0])


def fill_seqrepo(folder: Path, sequences: dict[str, str]) -> Path:
    """A SeqRepo of these sequences by RefSeq accession, written by its own package."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from biocommons.seqrepo import SeqRepo

        repository = SeqRepo(str(folder), writeable=True)
        for name, bases in sequences.items():
            repository.store(bases, [{"namespace": "NCBI", "alias": name}])
        repository.commit()
    return folder


def chromosome(reference: object, chrom: str, length: int, spans: Iterable[tuple[int, int]]) -> str:
    """A chromosome with the known stretches in their places, N elsewhere."""
    bases = bytearray(b"N" * length)
    for start, end in spans:
        bases[start:end] = reference.bases(Assembly.GRCH38, chrom, start, end).encode()  # type: ignore[attr-defined]
    return bases.decode()
