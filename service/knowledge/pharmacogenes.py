"""Pharmacogene definitions: `knowledgebase/pgx/genes/*.toml` -> one compact file -> `GeneDefinition`."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import msgspec

from service.domain.assembly import Assembly
from service.domain.pgx import DefinitionSite, GeneDefinition, NamedAllele, PhenotypeRule
from service.domain.variant import Interval
from service.errors import KnowledgeError

IUPAC = frozenset("RYSWKMBDHVN")
# An indel may be written anywhere in its repeat; records up to this far away are read with the site.
INDEL_MARGIN = 60


def build(content: Path, out: Path) -> dict[str, int]:
    """Compile all gene files. Refuses a statement without source or a definition that contradicts itself."""
    definitions = [
        read_gene(path) for path in sorted((content / "pgx" / "genes").glob("*.toml"), key=lambda p: p.stem)
    ]
    if not definitions:
        raise KnowledgeError("no pharmacogene file found", where=str(content / "pgx" / "genes"))
    out.write_bytes(msgspec.msgpack.encode(definitions))
    return {
        "genes": len(definitions),
        "sites": sum(len(d.sites) for d in definitions),
        "alleles": sum(len(d.alleles) for d in definitions),
        "phenotype_rules": sum(len(d.rules) for d in definitions),
    }


def load(path: Path) -> Mapping[str, GeneDefinition]:
    """Definitions by gene symbol, in alphabetical order."""
    try:
        definitions = msgspec.msgpack.decode(path.read_bytes(), type=list[GeneDefinition])
    except (OSError, msgspec.MsgspecError) as error:
        raise KnowledgeError(f"cannot read the compiled pharmacogenes: {error}", where=path.name) from error
    return {definition.gene: definition for definition in definitions}


def site_windows(definitions: Iterable[GeneDefinition], assembly: Assembly) -> Iterator[Interval]:
    """Where records must be kept for calling: each site, and room for other spellings around indel sites."""
    for definition in definitions:
        for site in (*definition.sites, *definition.extra_sites):
            start = site.start if assembly is Assembly.GRCH38 else site.grch37[0] if site.grch37 else None
            if start is None:
                continue
            indel = len(site.ref) > 1 or any(len(alt) > 1 for alt in site.alts)
            margin = INDEL_MARGIN if indel else 0
            yield Interval(site.chrom, max(0, start - margin), start + len(site.ref) + margin)


def read_gene(path: Path) -> GeneDefinition:
    """One gene file, checked."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
        definition = _definition(document)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise KnowledgeError(f"cannot read the gene file: {error!r}", where=path.name) from error
    problems = [*_unsourced(document), *contradictions(definition)]
    if problems:
        raise KnowledgeError("; ".join(problems), where=path.name)
    return definition


def _definition(document: dict[str, Any]) -> GeneDefinition:
    chrom = document.get("chrom")
    table = document.get("definition", {})
    sites = tuple(_site(row, chrom) for row in table.get("sites", ()))
    source = document["source"]
    return GeneDefinition(
        gene=document["gene"],
        hgnc_id=document["hgnc_id"],
        chrom=chrom,
        strand=document.get("strand"),
        transcript=document.get("transcript"),
        sites=sites,
        extra_sites=tuple(_site(row, chrom) for row in table.get("extra_sites", ())),
        alleles=tuple(_allele(row, sites) for row in document.get("functions", {}).get("alleles", ())),
        rules=tuple(_rule(row) for row in document.get("rules", {}).get("phenotypes", ())),
        presence_alleles=tuple(document.get("presence_alleles", ())),
        activity_score=document["activity_score"],
        lowest_function=document["lowest_function"],
        undocumented_as_reference=document["undocumented_as_reference"],
        from_vcf=document["from_vcf"],
        version=document["version"],
        exemptions=_exemptions(document.get("special", {})),
        newer_version=document.get("newer_version"),
        source="; ".join(f"{s['name']} {s['version']} ({s['url']}, {s['licence']})" for s in source.values()),
    )


def _site(row: dict[str, Any], chrom: str | None) -> DefinitionSite:
    if chrom is None:
        raise ValueError("a gene with sites needs a chromosome")
    context = None
    if "context" in row:
        start, bases = row["context"].split(":")
        context = (int(start) - 1, bases)
    return DefinitionSite(
        chrom=chrom,
        start=row["pos"] - 1,
        ref=row["ref"],
        alts=tuple(row["alts"]),
        rsid=row.get("rsid"),
        hgvs_g="; ".join(row["hgvs"]),
        grch37=(
            row["pos37"] - 1,
            row.get("ref37", row["ref"]),
            tuple(row.get("alts37", row["alts"])),
        ),
        hgvs=tuple(row["hgvs"]),
        context=context,
        clinvar=tuple(row.get("clinvar", ())),
    )


def _allele(row: dict[str, Any], sites: tuple[DefinitionSite, ...]) -> NamedAllele:
    defines = {int(pos) - 1: bases for pos, bases in row.get("defines", {}).items()}
    whole = row.get("reference", False) or row.get("full_row", False)
    return NamedAllele(
        name=row["name"],
        bases={site.start: site.ref for site in sites} | defines if whole else defines,
        reference=row.get("reference", False),
        function=row.get("function"),
        activity=row.get("activity"),
        clinpgx_id=row.get("id"),
        note=row.get("note"),
        structural=row.get("structural", False),
    )


def _rule(row: dict[str, Any]) -> PhenotypeRule:
    return PhenotypeRule(
        lookup=tuple(sorted(row["pair"])),
        phenotype=row["phenotype"],
        activity_score=row.get("score"),
        lookup_key=row.get("key", row["phenotype"]),
    )


def _exemptions(special: dict[str, Any]) -> dict[str, Any]:
    """What is special about a gene; positions become interbase starts."""
    answer: dict[str, Any] = {}
    for key in ("required_positions", "amp_tier1_positions"):
        if key in special:
            answer[key] = [pos - 1 for pos in special[key]]
    for key in ("amp_tier1_alleles", "formerly", "hidden_alleles", "reported_as", "unphased_priorities"):
        if key in special:
            answer[key] = special[key]
    return answer


def _unsourced(document: dict[str, Any]) -> Iterator[str]:
    needed = {"definitions"}
    if "rules" in document:
        needed.add("functions")
    if "definition" in document:
        needed.add("grch37")
    for part in sorted(needed):
        row = document.get("source", {}).get(part, {})
        lacking = [key for key in ("name", "version", "url", "licence") if not row.get(key)]
        if lacking:
            yield f"[source.{part}] lacks {', '.join(lacking)}"


def contradictions(definition: GeneDefinition) -> Iterator[str]:
    """What a gene's facts say against each other, in words; nothing when they agree."""
    by_start = {site.start: site for site in (*definition.sites, *definition.extra_sites)}
    if len(by_start) != len(definition.sites) + len(definition.extra_sites):
        yield "two sites have the same position"
    names = [allele.name for allele in definition.alleles]
    yield from (f"allele {name} is listed twice" for name in sorted({n for n in names if names.count(n) > 1}))
    if definition.sites and sum(allele.reference for allele in definition.alleles) != 1:
        yield "there must be exactly one reference allele"
    for allele in definition.alleles:
        if not allele.bases and not allele.structural:
            yield f"allele {allele.name} defines no site"
        for start, bases in allele.bases.items():
            site = by_start.get(start)
            if site is None:
                yield f"allele {allele.name} defines {start + 1}, which is not a site"
            elif bases not in (site.ref, *site.alts) and not (len(bases) == 1 and bases in IUPAC):
                yield f"allele {allele.name} has {bases} at {start + 1}, which the site does not list"
        if definition.activity_score and allele.function and allele.activity is None:
            yield f"allele {allele.name} has a function and no activity value"
    for site in definition.sites:
        if site.context and not _agrees(site, site.context):
            yield f"the sequence around {site.start + 1} contradicts its reference bases"
    yield from _uncovered(definition)


def _agrees(site: DefinitionSite, context: tuple[int, str]) -> bool:
    offset = site.start - context[0]
    return context[1][offset : offset + len(site.ref)] == site.ref


def _uncovered(definition: GeneDefinition) -> Iterator[str]:
    """Activity values whose pair has no rule: an activity score without a phenotype."""
    if not definition.activity_score:
        return
    known = {rule.lookup for rule in definition.rules}
    values = sorted({allele.activity for allele in definition.alleles if allele.activity is not None})
    for pair in combinations_with_replacement(values, 2):
        if tuple(sorted(pair)) not in known:
            yield f"activity values {' and '.join(pair)} have no phenotype"
