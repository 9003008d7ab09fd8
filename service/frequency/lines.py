"""`genomeward frequency`: answers, pool, heterogeneity and criteria per variant, ready for JSON lines."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from service.domain.assembly import Assembly, parse_contig
from service.domain.frequency import (
    AlleleFrequency,
    FrequencyCriterion,
    Heterogeneity,
    SourceAnswer,
    VariantFrequencies,
)
from service.domain.frequency_sources import GeneRange
from service.domain.variant import Variant
from service.errors import ConfigurationError, GenomewardError, InvalidVariant
from service.frequency.federation import Federation
from service.frequency.source import Progress

# Small enough that a slow node answers a batch within the deadline, large enough to ask many at once.
_BATCH = 64
# Finding the dialects of nodes that are asked for the first time, before the deadline for answers runs.
PREPARE_S = 5.0
Notation = Callable[[str], Variant]


def vcf_style(text: str, assembly: Assembly = Assembly.GRCH38) -> Variant:
    """The variant of `10-94781859-G-A` (1-based; `chr` and `:` are allowed too).

    Raises:
        InvalidVariant: the text has another form.

    >>> vcf_style("chr10:94781859:G:A").start
    94781858
    """
    parts = text.strip().replace(":", "-").split("-")
    contig = parse_contig(parts[0]) if len(parts) == 4 else None
    if contig is None or not (parts[1].isascii() and parts[1].isdigit()) or int(parts[1]) < 1:
        raise InvalidVariant(f"{text[:60]!r} is not of the form chromosome-position-reference-alternate")
    if assembly not in contig.assemblies:
        raise InvalidVariant(f"{parts[0]} is not part of {assembly}")
    ref, alt = parts[2].upper(), parts[3].upper()
    if not ref or not alt:
        raise InvalidVariant("both alleles need at least one base, as in VCF")
    try:
        return Variant(assembly, contig.chrom, int(parts[1]) - 1, ref, alt)
    except ValueError as error:
        raise InvalidVariant(f"{text[:60]!r}: {error}") from error


def frequency_lines(
    inputs: Iterable[str], federation: Federation, notation: Notation = vcf_style
) -> Iterator[dict[str, Any]]:
    """One document per input, in order; an input that cannot be read becomes `{variant, error}`."""
    federation.prepare(PREPARE_S)
    texts = iter(inputs)
    while batch := list(islice(texts, _BATCH)):
        read = [_read(text, notation) for text in batch]
        known = [variant for variant in read if isinstance(variant, Variant)]
        answered = iter(federation.ask(known).answers) if known else iter(())
        for text, variant in zip(batch, read, strict=True):
            if isinstance(variant, Variant):
                yield frequency_document(text, next(answered))
            else:
                yield {"variant": text, "error": {"code": variant.fhir_code, "message": str(variant)}}


def _read(text: str, notation: Notation) -> Variant | GenomewardError:
    try:
        return notation(text)
    except GenomewardError as error:
        return error


def frequency_document(text: str, found: VariantFrequencies) -> dict[str, Any]:
    """The JSON-ready document of one variant."""
    pooled = found.pooled
    return {
        "variant": text,
        "answers": [answer_document(answer) for answer in found.answers],
        "pooled": None
        if pooled is None
        else {
            **_counts(pooled.frequency),
            "sources": list(pooled.sources),
            "silent": list(pooled.silent),
            "note": pooled.note,
            "grpmax_faf95": found.grpmax_faf95,
            "grpmax_group": found.grpmax_group,
        },
        "heterogeneity": _heterogeneity(pooled.heterogeneity) if pooled is not None else None,
        "criteria": [_criterion(criterion) for criterion in found.criteria],
    }


def answer_document(answer: SourceAnswer) -> dict[str, Any]:
    """One answer; `frequency` is AC/AN, or the bare stated frequency where there are no counts."""
    document = {
        "source": answer.source,
        "country": answer.country,
        "outcome": answer.outcome.value,
        **_counts(answer.frequency),
        "dataset": answer.dataset,
        "version": answer.version,
        "reason": answer.reason,
    }
    if answer.frequency is None:
        document["frequency"] = answer.reported_frequency
    return document


def _counts(frequency: AlleleFrequency | None) -> dict[str, Any]:
    return {
        "allele_count": frequency.allele_count if frequency else None,
        "allele_number": frequency.allele_number if frequency else None,
        "homozygotes": frequency.homozygotes if frequency else None,
        "frequency": frequency.value if frequency else None,
        "ci95": list(frequency.ci95) if frequency and frequency.ci95 else None,
        "faf95": frequency.faf95 if frequency else None,
    }


def _heterogeneity(found: Heterogeneity | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "q": found.q,
        "df": found.df,
        "p_value": found.p_value,
        "i2": found.i2,
        "method": found.method,
        "heterogeneous": found.heterogeneous,
        "range": list(found.range),
        "random_effects": list(found.random_effects) if found.random_effects else None,
    }


def _criterion(criterion: FrequencyCriterion) -> dict[str, Any]:
    return {
        "code": criterion.code,
        "strength": criterion.strength,
        "verdict": criterion.verdict,
        "reason": criterion.reason,
    }


def sync_lines(
    federation: Federation,
    names: Sequence[str],
    genes: Sequence[GeneRange],
    *,
    again: bool = False,
    progress: Progress | None = None,
) -> Iterator[dict[str, Any]]:
    """What each sync brought home: `{node, version, variants, genes, fetched, failures}`, or an error.

    All nodes are read side by side; the rows come in the order of the names.

    Raises:
        ConfigurationError: a name is no configured node's, or none has an address.
    """
    unknown = sorted(set(names) - set(federation.networked))
    if unknown or not federation.networked:
        known = ", ".join(federation.networked) or "none; GENOMEWARD_NODES names the file that lists them"
        raise ConfigurationError(f"nodes with an address: {known}", where=", ".join(unknown) or "nodes")
    told = _summed(progress)
    syncs = {
        name: federation.start_sync(name, genes, again=again, progress=told(name))
        for name in names or federation.networked
    }
    for name, sync in syncs.items():
        try:
            report = sync.result()
        except GenomewardError as error:
            yield {"node": name, "error": {"code": error.fhir_code, "message": str(error)}}
            continue
        yield {
            "node": name,
            "version": report.version,
            "variants": report.variants,
            "genes": len(report.genes),
            "fetched": report.fetched,
            "failures": [{"gene": gene, "reason": reason} for gene, reason in report.failures],
        }


def _summed(progress: Progress | None) -> Callable[[str], Progress | None]:
    """One progress of several nodes: how many genes of all of theirs are done."""
    steps: dict[str, tuple[int, int]] = {}

    def of(name: str) -> Progress | None:
        if progress is None:
            return None

        def tell(done: int, total: int) -> None:
            steps[name] = (done, total)
            progress(sum(each for each, _ in steps.values()), sum(each for _, each in steps.values()))

        return tell

    return of
