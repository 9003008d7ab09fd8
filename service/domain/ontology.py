"""Phenotype terms and the diseases annotated with them, as memory-mapped columns."""

from bisect import bisect_left
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texts:
    """Many short texts in one buffer: UTF-8 bytes, and where each begins and ends."""

    offsets: memoryview
    content: memoryview

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> str:
        return str(self.content[self.offsets[index] : self.offsets[index + 1]], "utf-8")


@dataclass(frozen=True, slots=True)
class Lists:
    """Many lists of 32-bit integers in one buffer."""

    offsets: memoryview
    content: memoryview

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> memoryview:
        return self.content[self.offsets[index] : self.offsets[index + 1]]


@dataclass(frozen=True, slots=True)
class PhenotypeOntology:
    """HPO terms by index, diseases by index, genes by index.

    `term_numbers` are HPO numbers, ascending, beside `term_labels` and `information`: minus the natural
    logarithm of the share of patients who have the term, one patient a disease. `ancestors` of a term include
    itself, the least informative first. `retired` and `replacements` are obsolete and alternative HPO
    numbers, ascending, and what replaces them (-1: nothing). `abnormalities` are the terms below Phenotypic
    abnormality (0 or 1 each).

    A disease is an OMIM entry, or an Orphanet entry that no single OMIM entry equals; `equivalents` are the
    Orphanet ids, joined by `|`, whose annotations were taken into it. `annotations` are its terms, ascending;
    `frequencies`, parallel to their content, the share of patients (0..1). `inferred` are terms that only the
    disease's relatives have, with `inferred_frequencies`, their share among these; a disease without any
    annotation has nothing else. `absent` are terms that its annotations deny. `postings` are the diseases
    annotated with a term or something narrower; `explaining` are those that explain it, by what is inferred
    too, and `evidence`, parallel to their content, is how much better than chance the disease explains a
    patient's term, as far as that ancestor of the term tells: the sum over a term's ancestors is a likelihood
    ratio.
    """

    version: str
    term_numbers: memoryview
    term_labels: Texts
    information: memoryview
    abnormalities: memoryview
    ancestors: Lists
    retired: memoryview
    replacements: memoryview
    disease_ids: Texts
    disease_labels: Texts
    disease_mondo: Texts
    equivalents: Texts
    inheritance: Texts
    annotations: Lists
    frequencies: memoryview
    inferred: Lists
    inferred_frequencies: memoryview
    absent: Lists
    postings: Lists
    explaining: Lists
    evidence: memoryview
    genes: Texts
    gene_hgnc: Texts
    disease_genes: Lists

    def term_index(self, number: int) -> int | None:
        """Index of a current HPO number; None when there is no such current term.

        >>> from array import array
        >>> numbers = memoryview(array("i", [1, 118]))
        >>> bisect_left(numbers, 118)
        1
        """
        index = bisect_left(self.term_numbers, number)
        return index if index < len(self.term_numbers) and self.term_numbers[index] == number else None

    def replacement(self, number: int) -> int | None:
        """HPO number that replaces a retired one; -1 when nothing does, None when it was never one."""
        index = bisect_left(self.retired, number)
        found = index < len(self.retired) and self.retired[index] == number
        return int(self.replacements[index]) if found else None
