"""Alleles -> function or activity value -> phenotype and activity score, by the tables of the gene's file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from service.domain.pgx import Diplotype, GeneDefinition, NamedAllele, PhenotypeRule
from service.pgx.combine import Strand, StrandPair
from service.pgx.names import diplotype_name, name_key, sorted_names

NOT_ASSIGNED = "n/a"
INDETERMINATE = "Indeterminate"
NO_RESULT = "No Result"
MALIGNANT_HYPERTHERMIA = "Malignant Hyperthermia associated"
# A strand without activity value counts as normal when the pair of lowest total is chosen.
UNKNOWN_ACTIVITY = 2.0


@dataclass(frozen=True)
class Phenotypes:
    """The lookup tables of one gene."""

    definition: GeneDefinition

    @cached_property
    def alleles(self) -> Mapping[str, NamedAllele]:
        """Facts by allele name."""
        return {allele.name: allele for allele in self.definition.alleles}

    @cached_property
    def _rules(self) -> Mapping[tuple[str, ...], PhenotypeRule]:
        return {tuple(sorted(rule.lookup)): rule for rule in self.definition.rules}

    def lookup_key(self, name: str) -> str | None:
        """What an allele is looked up by: its activity value or its function."""
        allele = self.alleles.get(name)
        if allele is None:
            return None
        return allele.activity if self.definition.activity_score else allele.function

    def of_alleles(self, names: Sequence[str], shown: Sequence[str] | None = None) -> Diplotype:
        """Phenotype and score of a pair (or one allele); `shown` are the names to display instead."""
        alleles = sorted_names(names if shown is None else shown)
        phenotype, score = self.of_keys([self.lookup_key(name) for name in names], names)
        return Diplotype(diplotype_name(alleles), alleles, score, phenotype)

    def of_keys(self, keys: Sequence[str | None], names: Sequence[str] = ()) -> tuple[str, str | None]:
        """(phenotype, activity score) of lookup keys. Without a rule nothing is guessed."""
        if self.definition.presence_alleles:
            return ", ".join(self.statuses(names)) or NO_RESULT, None
        rule = self._rules.get(tuple(sorted(key for key in keys if key is not None)))
        if rule is not None and None not in keys:
            return rule.phenotype, self._score(rule)
        if self.definition.activity_score:
            return INDETERMINATE, NOT_ASSIGNED
        return NOT_ASSIGNED, None

    def _score(self, rule: PhenotypeRule) -> str | None:
        if not self.definition.activity_score:
            return None
        return rule.activity_score or NOT_ASSIGNED

    def statuses(self, names: Sequence[str]) -> tuple[str, ...]:
        """`*57:01 positive` and the like: positive if either allele is it; none without alleles."""
        if not names:
            return ()
        return tuple(
            f"{wanted} {'positive' if any(wanted in name for name in names) else 'negative'}"
            for wanted in self.definition.presence_alleles
        )

    def of_score(self, score: str) -> tuple[str, ...]:
        """The phenotypes of all rules with an activity score."""
        return tuple(dict.fromkeys(r.phenotype for r in self.definition.rules if r.activity_score == score))

    def of_pair(self, pair: StrandPair) -> Diplotype:
        """A diplotype as displayed, with the phenotype of the alleles that count on each strand."""
        return self.of_alleles([self.leading(strand) for strand in pair.strands], pair.names)

    def leading(self, strand: Strand) -> str:
        """The allele that a strand is looked up by; in lowest-function genes the one of lowest function."""
        if self.definition.lowest_function and strand.components:
            return min(strand.components, key=self._severity)
        return strand.name

    def leading_pair(self, pairs: Iterable[StrandPair]) -> tuple[str, ...]:
        """The pair that guidance rests on: of several diplotypes the one of lowest total function."""
        chosen = [tuple(self.leading(strand) for strand in pair.strands) for pair in pairs]
        return min(chosen, key=lambda names: sum(self._severity(name)[0] for name in names), default=())

    def lowest_two(self, names: Sequence[str]) -> tuple[str, ...]:
        """The two of lowest function of a list."""
        return tuple(sorted(names, key=self._severity)[:2])

    def _severity(self, name: str) -> tuple[float, object]:
        key = self.lookup_key(name)
        if not self.definition.activity_score:
            return (0.0 if key == MALIGNANT_HYPERTHERMIA else 1.0), name_key(name)
        try:
            return float(key or ""), name_key(name)
        except ValueError:
            return UNKNOWN_ACTIVITY, name_key(name)

    def agrees(self, phenotype: str, diplotypes: Sequence[Diplotype]) -> bool:
        """Whether a phenotype is that of one of the diplotypes."""
        return any(phenotype == diplotype.phenotype for diplotype in diplotypes)

    @cached_property
    def known_phenotypes(self) -> tuple[str, ...]:
        """Every phenotype of the gene, in the order of its rules."""
        if self.definition.presence_alleles:
            words = ("positive", "negative")
            return tuple(f"{a} {word}" for a, word in product(self.definition.presence_alleles, words))
        return tuple(dict.fromkeys(rule.phenotype for rule in self.definition.rules))
