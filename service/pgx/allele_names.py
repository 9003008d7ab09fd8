"""Allele names as other callers write them, brought to the spelling of the tables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from service.domain.pgx import GeneDefinition
from service.pgx.names import combination_name

TANDEM_GENE = "CYP2D6"
_COPY_SIGN = re.compile(r"(?<=[\dA-Z])\s*(?:[xX×]\s*(?:>=|≥)|[xX×]|≥|>=)\s*(?=\d|N\b)")
_SUB_ALLELE = re.compile(r"(\*\d+)\.\d+")
_PLUS = re.compile(r"\s*\+\s*")
# Gene copies that a method infers are bracketed: `(*68)+*4`.
_BRACKETED = re.compile(r"(?:^|(?<=\+))\s*\((\*[^()]+)\)")
_LABEL = re.compile(r"(?P<name>.+?)\s*\((?P<label>[^()]+)\)")


@dataclass(frozen=True, slots=True)
class StrandName:
    """What a caller says lies on one strand: `name` is shown, `components` are looked up.

    `sub_alleles` are those that were read as their core allele or under their present name, as written.
    """

    name: str
    components: tuple[str, ...]
    sub_alleles: tuple[str, ...] = ()


@dataclass(frozen=True)
class AlleleNames:
    """The names of one gene, and what else they are known by."""

    definition: GeneDefinition

    @cached_property
    def known(self) -> frozenset[str]:
        """Names of the table."""
        return frozenset(allele.name for allele in self.definition.alleles)

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        """Other spellings in lower case -> name; spellings that two alleles share are left out."""
        found: dict[str, set[str]] = {}
        for allele in self.definition.alleles:
            for spelling in _spellings(allele.name):
                found.setdefault(spelling.casefold(), set()).add(allele.name)
        unique = {spelling: next(iter(names)) for spelling, names in found.items() if len(names) == 1}
        reference = next((a.name for a in self.definition.alleles if a.reference), None)
        if reference is not None:
            unique.setdefault(reference.replace("(reference)", "(wildtype)").casefold(), reference)
            # DPYD is also written in star alleles, whose first is the reference.
            if any(spelling.startswith("*") for spelling in unique):
                unique.setdefault("*1", reference)
        return unique

    @cached_property
    def _formerly(self) -> Mapping[str, str]:
        """Names that the nomenclature gave up -> the names of today."""
        answer: Mapping[str, str] = self.definition.exemptions.get("formerly", {})
        return answer

    def strand(self, text: str) -> StrandName:
        """One side of a diplotype; names that the table does not have stay as written."""
        whole = self._name(text)
        if whole in self.known:
            return StrandName(whole, (whole,))
        inner = _BRACKETED.sub(r"\1", text.strip().removeprefix("[").removesuffix("]"))
        parts = self._components(inner)
        sub_alleles: list[str] = []
        components = tuple(self._core(part, sub_alleles) for part in parts)
        if len(components) == 1:
            return StrandName(components[0], components, tuple(sub_alleles))
        if self.definition.gene == TANDEM_GENE:
            return StrandName(" + ".join(components), components, tuple(sub_alleles))
        return StrandName(combination_name(components), components, tuple(sub_alleles))

    def _components(self, text: str) -> list[str]:
        """Parts between plus signs; names such as `c.1905+1G>A` hold plus signs of their own."""
        parts = _PLUS.split(text)
        if len(parts) > 1 and all(self._name(part).startswith("*") for part in parts):
            return parts
        spaced = text.split(" + ")
        return spaced if len(spaced) > 1 else [text]

    def _core(self, text: str, sub_alleles: list[str]) -> str:
        name = self._name(text)
        core = self._formerly.get(name.upper()) or _SUB_ALLELE.sub(r"\1", name)
        if name in self.known or core == name:
            return name
        sub_alleles.append(name)
        return self._name(core)

    def _name(self, text: str) -> str:
        """The table's spelling, else the text without gene symbol, copies written as `x`."""
        gene = self.definition.gene
        name = text.strip()
        if name not in self.known and name.casefold().startswith(gene.casefold()):
            name = name[len(gene) :].strip(" :_")
        if name in self.known:
            return name
        joined = _PLUS.sub("+", name)
        alias = self.aliases.get(name.casefold()) or self.aliases.get(joined.casefold())
        if alias is not None:
            return alias
        if not name.startswith("*"):
            return name
        return _COPY_SIGN.sub(_copy_sign, name)


def _copy_sign(match: re.Match[str]) -> str:
    return "x≥" if "≥" in match[0] or ">=" in match[0] else "x"


def _spellings(name: str) -> Iterator[str]:
    """`c.1905+1G>A (*2A)` is also known by either half, a single site's alleles (`rs9923231 variant (T)`) by
    their base on the plus strand; mitochondrial names also without `m.`."""
    yield name
    if name.startswith("m."):
        yield name.removeprefix("m.")
    match = _LABEL.fullmatch(name)
    if match and match["label"] != "reference" and len(match["label"]) > 1:
        yield match["name"]
        yield match["label"]
        yield f"*{match['label'].removeprefix('*')}"
    elif match and name.startswith("rs"):
        yield match["label"]
        yield f"{name.split()[0]} {match['label']}"
