"""Configured frequency sources: nodes and how they want to be asked, canaries, and the rules' constants."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from service.domain.assembly import Assembly
from service.domain.variant import Variant

_SNAPSHOT_KEYS = {
    "id", "country", "name", "file", "assembly", "kind", "bottlenecked", "overlaps_with", "source", "licence",
}  # fmt: skip
_CANARY = re.compile(r"(?:[1-9]|1\d|2[0-2]|X|Y|MT)-[1-9]\d*-[ACGT]+-[ACGT]+")
# Cohorts of founder populations, out of the BA1/BS1 maximum unless configured. Source: gnomAD v4 grpmax.
BOTTLENECKED = frozenset({"FI", "FIN", "ASJ", "AMI"})


class VariantTypeUse(StrEnum):
    """When a node wants variantType beside the alleles."""

    NEVER = "never"
    INDELS = "indels"  # INDEL for insertions and deletions, nothing for SNVs
    ALWAYS = "always"  # SNP or INDEL
    SPECIFIC = "specific"  # SNP, INS or DEL


# Left-aligned with the base before, as in VCF; at the right end of a repeat; over the whole repeat; left and
# right without the base before; with one base more before or behind.
INDEL_SPELLINGS = ("left", "right", "justified", "bare", "bare-right", "padded", "padded-right")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one Beacon node wants to be asked, and how it answers.

    `assembly` is the build of its coordinates, `assembly_id` the spelling it accepts. `reference_names` is
    `bare`, `chr` or `accession`. `frequency_key` is where its counts stand, for people to read.
    `granularity` is `boolean` where it never gives counts. `outer_envelope` repeats granularity and pages
    beside the query, for nodes that read them there. `homozygote_unit` is `people`, `alleles` or `unknown`
    (then it is found from the counts of each answer). `asked_origin` and `answered_origin` are the number of
    a chromosome's first base in questions and in records: 0 in the standard, 1 where nodes count as VCF does.
    `indels` is the one of INDEL_SPELLINGS in which it keeps insertions and deletions.
    """

    method: str = "POST"
    nested: bool = False
    reference_names: str = "bare"
    assembly: Assembly = Assembly.GRCH38
    assembly_id: str = "GRCh38"
    start_as_list: bool = True
    variant_type: VariantTypeUse = VariantTypeUse.NEVER
    end: bool = False
    frequency_key: str = "frequencies"
    granularity: str = "record"
    homozygote_unit: str = "unknown"
    page_limit: int = 100
    range_queries: bool = False
    outer_envelope: bool = False
    asked_origin: int = 0
    answered_origin: int = 0
    indels: str = "left"
    version: str = "1"

    def __post_init__(self) -> None:
        _one_of("method", self.method, ("GET", "POST"))
        _one_of("reference_names", self.reference_names, ("bare", "chr", "accession"))
        _one_of("granularity", self.granularity, ("boolean", "record"))
        _one_of("asked_origin", self.asked_origin, (0, 1))
        _one_of("answered_origin", self.answered_origin, (0, 1))
        _one_of("indels", self.indels, INDEL_SPELLINGS)
        _one_of("homozygote_unit", self.homozygote_unit, ("people", "alleles", "unknown"))

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> "Dialect":
        """The dialect written in a TOML table. Raises ValueError on an unknown key or value."""
        known = {entry.name for entry in fields(cls)}
        _no_others("dialect", table, known)
        converted = dict(table)
        if "assembly" in table:
            converted["assembly"] = Assembly(table["assembly"])
        if "variant_type" in table:
            converted["variant_type"] = VariantTypeUse(table["variant_type"])
        return cls(**converted)


@dataclass(frozen=True, slots=True, repr=False)
class NodeAccess:
    """Credentials for a node. `kind` is none, basic, bearer or oauth2 (client credentials).

    `user` and `secret` are Basic's name and password, the client id and secret, or (secret alone) the token.
    Never shown: `repr` leaves them out.
    """

    kind: str = "none"
    user: str = ""
    secret: str = ""
    token_url: str = ""
    scope: str = ""

    def __post_init__(self) -> None:
        _one_of("access kind", self.kind, ("none", "basic", "bearer", "oauth2"))
        if self.kind != "none" and not self.secret:
            raise ValueError(f"{self.kind} access needs a secret")
        if self.kind == "oauth2" and not self.token_url:
            raise ValueError("oauth2 access needs a token_url")

    def __repr__(self) -> str:
        return f"NodeAccess(kind={self.kind!r})"


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """One configured national node.

    `exact` permits questions that name a single variant, which tell the node about the patient. `snapshot`
    is a local copy of its counts. `cohort_alleles` is the AN to assume where a node that declares
    "listed if observed" does not list a variant. `bottlenecked` keeps it out of grpmax. `canaries` are
    variants that it lists (`10-94781859-G-A`, in its build), for a node that lists none of the shipped ones.
    `kind` is `beacon`, `snapshot` (a national cohort's file), `cohort` (the hospital's own), or `reference`
    (a database without a country, shown beside the cohorts and never added to them).
    """

    id: str
    country: str
    url: str = ""
    exact: bool = False
    dialect: Dialect | None = None
    access: NodeAccess = field(default_factory=NodeAccess)
    snapshot: str | None = None
    snapshot_assembly: Assembly = Assembly.GRCH38
    population: str | None = None
    datasets: tuple[str, ...] = ()
    budget_per_minute: int | None = None
    concurrency: int = 8
    bottlenecked: bool = False
    overlaps_with: tuple[str, ...] = ()
    cohort_alleles: int | None = None
    canaries: tuple[str, ...] = ()
    kind: str = "beacon"
    source: str | None = None
    licence: str | None = None

    def __post_init__(self) -> None:
        if not self.id or not (self.country or self.kind == "reference"):
            raise ValueError("a node needs an id and a country")
        if not self.url and not self.snapshot:
            raise ValueError(f"node {self.id} needs a url or a snapshot")
        if self.url and not self.url.startswith(("http://", "https://")):
            raise ValueError(f"node {self.id}: the url must begin with http:// or https://")
        if self.url and "@" in self.url.split("/")[2]:
            raise ValueError(f"node {self.id}: credentials go into access, never into the url")
        _one_of("kind", self.kind, ("beacon", "snapshot", "cohort", "reference"))
        for text in self.canaries:
            if not _CANARY.fullmatch(text):
                raise ValueError(f"node {self.id}: a canary is written as 10-94781859-G-A, not {text!r}")
        if self.concurrency < 1 or (self.budget_per_minute is not None and self.budget_per_minute < 1):
            raise ValueError(f"node {self.id}: concurrency and budget must be 1 or more")

    @classmethod
    def from_table(cls, table: Mapping[str, Any], secrets: Mapping[str, str] | None = None) -> "NodeEntry":
        """A node as written in nodes.toml; a credential `env:NAME` is looked up in `secrets`."""
        known = {entry.name for entry in fields(cls)} | {"name"}
        _no_others("node", table, known)
        for key in ("id", "country", "url", "snapshot", "population"):
            if not isinstance(table.get(key, ""), str | None):
                raise ValueError(f"{key} must be text")
        converted = {key: value for key, value in table.items() if key != "name"}
        exact = table.get("exact", "forbidden")
        if not isinstance(exact, bool):
            _one_of("exact", exact, ("allowed", "forbidden"))
        converted["exact"] = exact in (True, "allowed")
        if "dialect" in table:
            converted["dialect"] = Dialect.from_table(table["dialect"])
        if "access" in table:
            converted["access"] = node_access(table["access"], secrets or {})
        if "snapshot_assembly" in table:
            converted["snapshot_assembly"] = Assembly(table["snapshot_assembly"])
        converted.setdefault("bottlenecked", str(table.get("country", "")).upper() in BOTTLENECKED)
        for key in ("datasets", "overlaps_with", "canaries"):
            if key in table:
                converted[key] = tuple(table[key])
        return cls(**converted)


def snapshot_entry(table: Mapping[str, Any]) -> NodeEntry:
    """A `[[snapshot]]` of nodes.toml: counts on this machine, and nothing that is asked of anybody.

    Without a country it is a reference database. Raises ValueError on an unknown key or value.
    """
    _no_others("snapshot", table, _SNAPSHOT_KEYS)
    converted = {key: value for key, value in table.items() if key not in ("name", "file", "assembly")}
    converted |= {"snapshot": table.get("file"), "country": table.get("country", "")}
    converted.setdefault("kind", "snapshot" if converted["country"] else "reference")
    if "assembly" in table:
        converted["snapshot_assembly"] = table["assembly"]
    return NodeEntry.from_table(converted)


def node_access(table: Mapping[str, Any], secrets: Mapping[str, str]) -> NodeAccess:
    """Credentials as written in nodes.toml; `env:NAME` is looked up in `secrets`. Raises ValueError."""
    _no_others("access", table, {entry.name for entry in fields(NodeAccess)})
    resolved = {}
    for key, value in table.items():
        if str(value).startswith("env:"):
            name = value.removeprefix("env:")
            if name not in secrets:
                raise ValueError(f"the credential {name} is not set")
            value = secrets[name]
        resolved[key] = value
    return NodeAccess(**resolved)


def _one_of(name: str, value: object, allowed: tuple[str | int, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(str, allowed))}, not {value!r}")


def _no_others(name: str, table: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise ValueError(f"{name} has unknown keys: {', '.join(unknown)}")


@dataclass(frozen=True, slots=True)
class GeneRange:
    """Where a gene lies on one build, interbase: what a node may be asked for whoever the patient is."""

    gene: str
    assembly: Assembly
    chrom: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Canary:
    """A variant so common that every European cohort lists it, in both builds.

    `kind` is `snv` or `indel`, or a chromosome that nodes name in their own way (`X`, `Y`, `MT`). For an
    indel in a repeat `room` is the reference that it can move over to the right, and `before` the base before
    its anchor.
    """

    kind: str
    name: str
    grch38: Variant
    grch37: Variant
    before: str = ""
    room: str = ""

    def on(self, assembly: Assembly) -> Variant:
        """The canary in one build's coordinates."""
        return self.grch38 if assembly is Assembly.GRCH38 else self.grch37


@dataclass(frozen=True, slots=True)
class Ba1Exception:
    """A variant common and still possibly pathogenic: BA1 does not apply."""

    gene: str
    hgvs: str
    grch38: Variant
    grch37: Variant


@dataclass(frozen=True, slots=True)
class FrequencyKnowledge:
    """The compiled part `frequency`: nodes (snapshots as absolute paths), canaries, BA1 exceptions."""

    nodes: tuple[NodeEntry, ...]
    canaries: tuple[Canary, ...]
    ba1_exceptions: tuple[Ba1Exception, ...]
    folder: Path
