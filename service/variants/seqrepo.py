"""Sequences of a configured SeqRepo folder: chromosomes of both assemblies, and transcripts by accession."""

import sqlite3
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.domain.assembly import CHROMOSOMES, Assembly, accession, chromosome_length
from service.errors import ConfigurationError

SETTING = "GENOMEWARD_SEQREPO"
_UNKNOWN = bytes(b if chr(b) in "ACGT" else ord("N") for b in range(256))


class SeqRepoSequences:
    """One SeqRepo, read only.

    Raises:
        ConfigurationError: the folder holds none, or a chromosome of another length.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        if not (folder / "aliases.sqlite3").is_file() or not (folder / "sequences").is_dir():
            raise ConfigurationError("the folder holds no SeqRepo", where=SETTING)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from biocommons.seqrepo import SeqRepo
        try:
            self._repository: Any = SeqRepo(str(folder))
        except (OSError, sqlite3.Error) as error:
            raise ConfigurationError(f"SeqRepo cannot be opened: {error}", where=SETTING) from error

    def bases(self, name: str, start: int | None = None, end: int | None = None) -> str | None:
        """Upper-case bases of an accession, N for any other letter; None where it is not there."""
        with self._lock:
            try:
                found: str = self._repository.fetch(name, start, end)
            except KeyError:
                return None
        return found.upper().encode("ascii").translate(_UNKNOWN).decode("ascii")

    def genome(self, assembly: Assembly) -> "SeqRepoGenome":
        """Those chromosomes of an assembly that the repository holds."""
        held = frozenset(chrom for chrom in CHROMOSOMES if self._holds(assembly, chrom))
        return SeqRepoGenome(self, assembly, held)

    def _holds(self, assembly: Assembly, chrom: str) -> bool:
        if chrom == "MT" and assembly is Assembly.GRCH37:
            return False  # one molecule, which counts as GRCh38's
        name = accession(assembly, chrom)
        with self._lock:
            try:
                length = len(self._repository[name])
            except KeyError:
                return False
        if length != chromosome_length(assembly, chrom):
            expected = chromosome_length(assembly, chrom)
            raise ConfigurationError(f"{name} has {length} bases; expected {expected}", where=SETTING)
        return True


@dataclass(frozen=True, slots=True)
class SeqRepoGenome:
    """A GenomeSequence of one assembly."""

    sequences: SeqRepoSequences
    assembly: Assembly
    chromosomes: frozenset[str]

    def fetch(self, chrom: str, start: int, end: int) -> str:
        """Bases of the interval, N for a chromosome that the repository does not hold."""
        found = self.sequences.bases(accession(self.assembly, chrom), start, end)
        return "N" * (end - start) if found is None else found
