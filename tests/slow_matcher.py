"""Star alleles matched the slow and obvious way: every candidate sequence and every pair is written out.

An oracle for `service.pgx`: it shares no code with it. A sequence is a tuple of base strings, one per site
that was read; the unit of a score is one defined site.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

from service.domain.pgx import GeneDefinition

CODES = {"R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC"}
Sequence_ = tuple[str, ...]
Pair = tuple[str, ...]


@dataclass(frozen=True)
class Seen:
    """A site of one sample: a base string per strand (`.` where a strand was not called)."""

    bases: tuple[str, ...]
    phased: bool = True
    phase_set: str | None = None


Sample = Mapping[int, Seen]


def stands_for(cell: str) -> str | list[str]:
    return list(CODES[cell]) if cell in CODES else [cell]


def sequences_of(sample: Sample) -> set[Sequence_]:
    """Every sequence that could lie on one strand."""
    choices: list[object] = []
    for start in sorted(sample):
        seen = sample[start]
        if len(set(seen.bases)) == 1:
            continue
        if not seen.phased:
            choices.append(start)
        elif seen.phase_set is not None and ("set", seen.phase_set) not in choices:
            choices.append(("set", seen.phase_set))
    found = set()
    for strand in (0, 1):
        for turned in product((0, 1), repeat=len(choices)):
            turn = dict(zip(choices, turned, strict=True))
            row = []
            for start in sorted(sample):
                seen = sample[start]
                if len(set(seen.bases)) == 1:
                    row.append(seen.bases[0])
                elif not seen.phased:
                    row.append(seen.bases[strand ^ turn[start]])
                elif seen.phase_set is not None:
                    row.append(seen.bases[strand ^ turn[("set", seen.phase_set)]])
                else:
                    row.append(seen.bases[strand])
            found.add(tuple(row))
    return found


def complementary(one: Sequence_, other: Sequence_, sample: Sample) -> bool:
    for start, here, there in zip(sorted(sample), one, other, strict=True):
        heterozygous = len(set(sample[start].bases)) > 1
        if (here != there) is not heterozygous:
            return False
    return True


@dataclass(frozen=True)
class Row:
    """An allele cut to the sites that were read: what it defines, and what it is matched by."""

    name: str
    defined: Mapping[int, str]
    filled: Mapping[int, str]

    def matches(self, sequence: Sequence_, sample: Sample) -> bool:
        return all(
            start not in self.filled or base in stands_for(self.filled[start])
            for start, base in zip(sorted(sample), sequence, strict=True)
        )


def rows_of(definition: GeneDefinition, sample: Sample, *, fill: bool) -> list[Row]:
    reference = {site.start: site.ref for site in definition.sites}
    hidden = definition.exemptions.get("hidden_alleles", ())
    rows = []
    for allele in definition.alleles:
        if allele.structural or not allele.bases or allele.name in hidden:
            continue
        defined = {start: cell for start, cell in allele.bases.items() if start in sample}
        if defined:
            filled = {s: defined.get(s, reference[s]) for s in sample} if fill else defined
            rows.append(Row(allele.name, defined, filled))
    return rows


def score_on(row: Row, sequences: Iterable[Sequence_], sample: Sample, definition: GeneDefinition) -> int:
    reference = {site.start: site.ref for site in definition.sites}
    order = sorted(sample)
    used = list(sequences)
    score = len(row.defined)
    for start, cell in row.defined.items():
        if cell in CODES and all(sequence[order.index(start)] == reference[start] for sequence in used):
            score -= 1
    return score


def scored_pairs(definition: GeneDefinition, sample: Sample) -> dict[Pair, int]:
    """All pairs that explain the sample, with their scores; a haploid sample has single alleles."""
    if any("." in seen.bases for seen in sample.values()):
        return {}
    sequences = sequences_of(sample)
    rows = rows_of(definition, sample, fill=True)
    fits = {row.name: [s for s in sequences if row.matches(s, sample)] for row in rows}
    rows = [row for row in rows if fits[row.name]]
    found: dict[Pair, int] = {}
    if all(len(seen.bases) == 1 for seen in sample.values()):
        return {(row.name,): score_on(row, fits[row.name], sample, definition) for row in rows}
    for one, other in combinations_with_replacement(rows, 2):
        scores = []
        for here, there in product(fits[one.name], fits[other.name]):
            if not complementary(here, there, sample):
                continue
            if one is other:
                sides = ([here], [there])
            else:
                sides = tuple([s for s in {here, there} if s in fits[row.name]] for row in (one, other))
            scores.append(
                score_on(one, sides[0], sample, definition) + score_on(other, sides[1], sample, definition)
            )
        if scores:
            found[tuple(sorted((one.name, other.name)))] = max(scores)
    return found


def reported(definition: GeneDefinition, pairs: Iterable[Pair]) -> set[Pair]:
    names = definition.exemptions.get("reported_as", {})
    return {tuple(sorted(names.get(name, name) for name in pair)) for pair in pairs}


def best_pairs(definition: GeneDefinition, sample: Sample) -> set[Pair]:
    """The answer for a gene without a method of its own; NAT2 with its priorities."""
    found = scored_pairs(definition, sample)
    if not found:
        return set()
    if definition.gene == "NAT2" and len(sequences_of(sample)) > 2:
        for rule in definition.exemptions["unphased_priorities"]:
            if all(tuple(sorted(pair.split("/"))) in found for pair in rule["all"]):
                return {tuple(sorted(rule["pick"].split("/")))}
        return set(found)
    top = max(found.values())
    return reported(definition, (pair for pair, score in found.items() if score == top))


def combinations_of(
    definition: GeneDefinition, sample: Sample, sequence: Sequence_, left_out: Sequence[str] = ()
) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """(named alleles, g. names of what they leave unexplained) of one sequence."""
    order = sorted(sample)
    reference = {site.start: site for site in definition.sites}
    base_at = dict(zip(order, sequence, strict=True))
    whole = next(a.name for a in definition.alleles if a.reference)
    rows = [
        row
        for row in rows_of(definition, sample, fill=False)
        if row.name != whole and row.name not in left_out
    ]
    covered = [row for row in rows if row.matches(sequence, sample)]
    covered.sort(key=lambda row: -len(row.defined))
    sets: list[list[Row]] = []
    for row in covered:
        placed = False
        for members in sets:
            shared = [m for m in members if m.defined.keys() & row.defined.keys()]
            if not shared:
                members.append(row)
                placed = True
            elif any(len(m.defined) != len(row.defined) for m in shared):
                placed = True
        if not placed:
            sets.append([row])
    answers = []
    for members in sets or [[]]:
        explained = {start for member in members for start in member.defined}
        partials = tuple(
            reference[start].hgvs[reference[start].alts.index(base_at[start])]
            for start in order
            if start not in explained and base_at[start] not in (reference[start].ref, ".")
        )
        names = tuple(sorted(member.name for member in members))
        answers.append((names or (() if partials else (whole,)), partials))
    return answers


def strand_label(names: Iterable[str], partials: Iterable[str]) -> frozenset[str]:
    return frozenset((*names, *partials))


def combination_pairs(
    definition: GeneDefinition, sample: Sample, left_out: Sequence[str] = (), add: object = None
) -> set[tuple[frozenset[str], ...]]:
    """Unordered pairs of strands, each as the set of what lies on it."""
    sequences = sequences_of(sample)
    answers = set()
    haploid = all(len(seen.bases) == 1 for seen in sample.values())
    for here, there in product(sequences, repeat=2):
        if not complementary(here, there, sample):
            continue
        for one, other in product(
            combinations_of(definition, sample, here, left_out),
            combinations_of(definition, sample, there, left_out),
        ):
            strands = [strand_label(*one)] if haploid else [strand_label(*one), strand_label(*other)]
            answers.add(tuple(sorted(strands, key=sorted)))
    return answers


def variant_list(definition: GeneDefinition, sample: Sample) -> list[str]:
    """What fits some strand of unphased data, homozygous alleles twice; Reference only as one of two."""
    sequences = sequences_of(sample)
    fitting = [
        row.name
        for row in rows_of(definition, sample, fill=False)
        if any(row.matches(sequence, sample) for sequence in sequences)
    ]
    twice = {
        name
        for pair in combination_pairs(definition, sample)
        for name in set.intersection(*(set(strand) for strand in pair))
    }
    reference = next(a.name for a in definition.alleles if a.reference)
    named = [name for name in fitting if name != reference]
    listed = named + [name for name in named if name in twice]
    if reference in fitting and len(listed) < 2:
        listed.append(reference)
    return sorted(listed)


INTRON, EXON = 97579892, 97573862  # c.1129-5923C>G and c.1236G>A, interbase
HAPB3, INTRONIC = "c.1129-5923C>G, c.1236G>A (HapB3)", "c.1129-5923C>G"


def hapb3_of_strand(intron: str | None, exon: str | None) -> str | None:
    if intron == "C":
        return HAPB3 if exon == "T" else INTRONIC
    return HAPB3 if intron is None and exon == "T" else None


def dpyd_pairs(definition: GeneDefinition, sample: Sample) -> set[tuple[frozenset[str], ...]]:
    """Pairs of strands of DPYD whose HapB3 sites are phased with each other."""
    order = sorted(sample)
    rest = {start: seen for start, seen in sample.items() if start not in (INTRON, EXON)}
    kept = [number for number, start in enumerate(order) if start in rest]
    answers = set()
    for here, there in product(sequences_of(sample), repeat=2):
        if not complementary(here, there, sample):
            continue
        sides = []
        for sequence in (here, there):
            base_at = dict(zip(order, sequence, strict=True))
            name = hapb3_of_strand(base_at.get(INTRON), base_at.get(EXON))
            labels = []
            for names, partials in combinations_of(
                definition, rest, tuple(sequence[number] for number in kept), (HAPB3, INTRONIC)
            ):
                others = [n for n in names if name is None or n != "Reference"]
                labels.append(strand_label([*others, *([name] if name else [])], partials))
            sides.append(labels)
        answers |= {tuple(sorted(strands, key=sorted)) for strands in product(*sides)}
    return answers


def dpyd_list(definition: GeneDefinition, sample: Sample) -> list[str]:
    """What fits unphased DPYD data, HapB3 by how often each of its two variants is there."""
    rest = {start: seen for start, seen in sample.items() if start not in (INTRON, EXON)}
    exons = sample[EXON].bases.count("T") if EXON in sample else 0
    introns = sample[INTRON].bases.count("C") if INTRON in sample else None
    if introns is None:
        hapb3 = [HAPB3] * exons
    elif exons > introns:
        hapb3 = [HAPB3] * introns
    else:
        hapb3 = [HAPB3] * exons + [INTRONIC] * (introns - exons)
    others = [name for name in variant_list(definition, rest) if name not in (HAPB3, INTRONIC)]
    named = [name for name in others if name != "Reference"] + hapb3
    sequences = sequences_of(rest)
    fits = any(
        all(
            base == site.ref
            for base, site in zip(
                sequence,
                sorted((s for s in definition.sites if s.start in rest), key=lambda s: s.start),
                strict=True,
            )
        )
        for sequence in sequences
    )
    return sorted(
        named + ["Reference"] * (fits and len(named) < 2) * (2 - len(named) if len(sequences) == 1 else 1)
    )
