"""Phenotype terms and the diseases annotated with them, as memory-mapped columns."""

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

    `term_numbers` are HPO numbers, ascending, beside `term_labels` and `information`, the information content
    in nats over diseases. `ancestors` of a term include itself, in ascending information. `retired` and
    `replacements` are obsolete and alternative HPO numbers, ascending, and what replaces them (-1: nothing).
    `postings` are the diseases annotated with a term or something narrower. `annotations` are a disease's own
    terms, `absent` the terms that its annotations deny. `folded_into` is the disease that an equivalent
    Orphanet entry is listed under, else the disease itself.
    """

    version: str
    term_numbers: memoryview
    term_labels: Texts
    information: memoryview
    ancestors: Lists
    retired: memoryview
    replacements: memoryview
    disease_ids: Texts
    disease_labels: Texts
    disease_mondo: Texts
    folded_into: memoryview
    inheritance: Texts
    annotations: Lists
    absent: Lists
    postings: Lists
    genes: Texts
    disease_genes: Lists
