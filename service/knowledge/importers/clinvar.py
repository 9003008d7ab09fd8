"""Import ClinVar's GRCh38 VCF: germline classifications, streamed, in bounded memory.

Layout: https://ftp.ncbi.nlm.nih.gov/pub/clinvar/vcf_GRCh38/ (`clinvar.vcf.gz`, INFO keys as in its header).
A record without CLNSIG has a somatic classification only, and none for germline.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import unquote

from service.domain.assembly import CHROMOSOMES
from service.errors import InvalidInput
from service.knowledge.assertion_table import STARS, AssertionWriter, place_of, trimmed
from service.knowledge.coding import CodingChanges
from service.knowledge.importers.reading import BLOCK, check_complete, open_bytes, whole_lines
from service.knowledge.importers.registry import Context, Outcome, only

_NO_CONDITION = frozenset({"not provided", "not specified", "see cases", "not_provided", "not_specified"})
_IDENTIFIERS = (
    (re.compile(r"MONDO:(\d{7})"), "MONDO:"),
    (re.compile(r"OMIM:(\d{6})"), "OMIM:"),
    (re.compile(r"Orphanet:(\d+)"), "ORPHA:"),
)
_MEMO = 1 << 16


def run(files: dict[str, Path], out: Path, context: Context) -> Outcome:
    """Compile the VCF into the new folder `out`.

    Raises InvalidInput for a file that is cut short, on another assembly, without date, or no VCF of ClinVar.
    """
    file, changes = only(files), CodingChanges(context.part("transcripts"))
    check_complete(file)
    try:
        with open_bytes(file) as stream, AssertionWriter(out) as writer:
            blocks = whole_lines(stream)
            header, first = _header(blocks, file.name)
            release = _release(header, file.name)
            records = _Records(writer, release)
            left = file.stat().st_size
            for block in chain((first,), blocks):
                records.read(block)
                # The text is about ten times the file: an estimate that the last step puts right.
                step = min(left, len(block) // 10)
                left -= step
                context.advance(step)
            context.advance(left)
            rows = writer.finish({"release": release, "source": "ClinVar VCF"}, changes)
    except (EOFError, OSError, ValueError) as error:
        raise InvalidInput(f"cannot be read as a ClinVar VCF: {error}", where=file.name) from error
    if not rows["assertions"]:
        raise InvalidInput("has no germline classification", where=file.name)
    return Outcome(release, release, rows, dict(records.left_out))


def _header(blocks: Iterator[bytes], name: str) -> tuple[bytes, bytes]:
    head = b""
    for block in blocks:
        head += block
        start = 0 if head.startswith(b"#CHROM") else head.find(b"\n#CHROM") + 1
        if head.startswith(b"#CHROM") or start > 0:
            end = head.find(b"\n", start) + 1
            return head[:start], head[end:]
        if not head.startswith(b"##") or len(head) > 8 * BLOCK:
            break
    raise InvalidInput("is not a VCF: it has no #CHROM line", where=name)


def _release(header: bytes, name: str) -> str:
    found = dict(re.findall(r"^##(\w+)=(.*?)\r?$", header.decode("utf-8", "replace"), re.MULTILINE))
    if "ClinVar" not in found.get("source", ""):
        raise InvalidInput("the header does not say ##source=ClinVar", where=name)
    if "GRCh38" not in found.get("reference", ""):
        read = found.get("reference", "no reference")
        raise InvalidInput(f"read {read!r}; expected ClinVar's VCF on GRCh38", where=name)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", found.get("fileDate", "")):
        raise InvalidInput(
            "the header has no ##fileDate: a release without date is not knowledge", where=name
        )
    return str(found["fileDate"])


class _Records:
    """Turns lines into codes; each spelling is read once and remembered."""

    def __init__(self, writer: AssertionWriter, release: str) -> None:
        self._writer = writer
        self.left_out: Counter[str] = Counter()
        self._chromosomes = {
            spelling.encode(): place_of(name, 0)
            for name in CHROMOSOMES
            for spelling in (name, f"chr{name}", "chrM" if name == "MT" else name)
        }
        self._reviews: dict[bytes, int | None] = {}
        self._classes: dict[bytes, int] = {}
        self._genes: dict[bytes, int] = {b"": writer.code("genes", "")}
        self._conflicts: dict[bytes, int] = {b"": writer.code("conflict", "")}
        self._conditions: dict[tuple[bytes, bytes], tuple[int, int]] = {}
        self._alleles: dict[tuple[bytes, bytes], int] = {}
        self._release = writer.code("release", release)
        self._source = writer.code("source", "ClinVar")

    def read(self, block: bytes) -> None:
        """Add the records of some whole lines."""
        columns: dict[str, list[int]] = {
            name: []
            for name in ("place", "start", "alleles", "variation", "rs", "genes", "classification", "review",
                         "conditions", "condition_ids", "conflict", "missense")
        }  # fmt: skip
        (places, starts, alleles, variations, rs_numbers, genes, classes, reviews, conditions, condition_ids,
         conflicts, missense) = columns.values()  # fmt: skip
        further: list[tuple[int, int]] = []
        left_out, chromosomes = self.left_out, self._chromosomes
        # Each spelling is looked up here first: a call for each would take a tenth of the time.
        known_alleles, known_reviews, known_genes = self._alleles, self._reviews, self._genes
        known_classes, known_conflicts, known_conditions = self._classes, self._conflicts, self._conditions
        for line in block.split(b"\n"):
            if not line:
                continue
            chrom, pos, identifier, ref, alt, _, _, text = line.split(b"\t", 7)
            chromosome = chromosomes.get(chrom)
            if chromosome is None:
                left_out["outside the primary chromosomes"] += 1
                continue
            info = _info(text)
            said = info.get(b"CLNSIG")
            if said is None:
                left_out["no germline classification"] += 1
                continue
            allele = known_alleles.get((ref, alt))
            if allele is None:
                allele = self._allele(ref, alt)
                if allele < 0:
                    left_out["alleles not written as bases"] += 1
                    continue
            status = info.get(b"CLNREVSTAT", b"")
            review = known_reviews.get(status, -1)
            if review == -1:
                review = self._review(status)
            if review is None:
                left_out[f"unknown review status {status.decode('utf-8', 'replace')!r}"] += 1
                continue
            start = int(pos) - 1
            if len(ref) == len(alt) == 1:
                first = start
            elif ref[0] == alt[0] and ref[-1] != alt[-1] and (len(ref) == 1 or len(alt) == 1):
                first = start + 1
            else:
                first = trimmed(start, ref.decode(), alt.decode())[0]
            rs = info.get(b"RS", b"0")
            if b"|" in rs or b"," in rs:
                rs, *others = re.findall(rb"\d+", rs)
                further += [(int(number), len(places)) for number in others]
            names, identifiers = info.get(b"CLNDN", b""), info.get(b"CLNDISDB", b"")
            condition = known_conditions.get((names, identifiers)) or self._condition(names, identifiers)
            gene_info, counts = info.get(b"GENEINFO", b""), info.get(b"CLNSIGCONF", b"")
            gene, of_class = known_genes.get(gene_info), known_classes.get(said)
            conflict = known_conflicts.get(counts)
            places.append(chromosome | first)
            starts.append(start)
            alleles.append(allele)
            variations.append(int(identifier))
            rs_numbers.append(int(rs))
            classes.append(self._class(said) if of_class is None else of_class)
            reviews.append(review)
            conditions.append(condition[0])
            condition_ids.append(condition[1])
            conflicts.append(self._conflict(counts) if conflict is None else conflict)
            genes.append(self._gene(gene_info) if gene is None else gene)
            missense.append(b"|missense_variant" in info.get(b"MC", b"") and len(ref) == len(alt) == 1)
        count = len(places)
        columns["release"], columns["source"] = [self._release] * count, [self._source] * count
        self._writer.add_columns(count, columns, further)

    def _allele(self, ref: bytes, alt: bytes) -> int:
        if ref.strip(b"ACGTN") or alt.strip(b"ACGTN") or ref == alt or not (ref and alt):
            return -1
        if len(self._alleles) >= _MEMO:
            self._alleles.clear()
        code = self._alleles[ref, alt] = self._writer.code("alleles", f"{ref.decode()}>{alt.decode()}")
        return code

    def _review(self, raw: bytes) -> int | None:
        text = raw.decode().replace("_", " ")
        self._reviews[raw] = self._writer.code("review", text) if text in STARS else None
        return self._reviews[raw]

    def _class(self, raw: bytes) -> int:
        code = self._classes[raw] = self._writer.code("classification", raw.decode().replace("_", " "))
        return code

    def _gene(self, raw: bytes) -> int:
        symbols = [part.split(":")[0] for part in raw.decode().split("|")]
        code = self._genes[raw] = self._writer.code("genes", "|".join(dict.fromkeys(symbols)))
        return code

    def _conflict(self, raw: bytes) -> int:
        text = raw.decode().replace("_", " ").replace("|", ", ")
        code = self._conflicts[raw] = self._writer.code("conflict", text)
        return code

    def _condition(self, names: bytes, identifiers: bytes) -> tuple[int, int]:
        if len(self._conditions) >= _MEMO:
            self._conditions.clear()
        spelled, numbered = conditions_of(names.decode(), identifiers.decode())
        found = self._writer.code("conditions", spelled), self._writer.code("condition_ids", numbered)
        self._conditions[names, identifiers] = found
        return found


def _info(text: bytes) -> dict[bytes, bytes]:
    """INFO by key; in one cut where no value holds an equals sign, as nearly always."""
    if text.count(b"=") == text.count(b";") + 1:
        parts = text.replace(b";", b"=").split(b"=")
        return dict(zip(parts[::2], parts[1::2], strict=True))
    return dict([item.split(b"=", 1) for item in text.split(b";") if b"=" in item])


def conditions_of(names: str, identifiers: str) -> tuple[str, str]:
    """Condition names, and MONDO, OMIM or ORPHA ids beside them, of CLNDN and CLNDISDB.

    >>> conditions_of("not_provided|Lynch_syndrome_5", "MedGen:C3661900|MONDO:MONDO:0013710,OMIM:614350")
    ('Lynch syndrome 5', 'MONDO:0013710')
    """
    spelled = [unquote(name).replace("_", " ") for name in names.split("|") if name]
    entries = identifiers.split("|")
    if len(entries) != len(spelled):
        entries = [""] * len(spelled)
    kept = {
        name: next(
            (f"{prefix}{m[1]}" for pattern, prefix in _IDENTIFIERS if (m := pattern.search(entry))), ""
        )
        for name, entry in zip(spelled, entries, strict=True)
        if name.lower() not in _NO_CONDITION
    }
    return "|".join(kept), "|".join(kept.values()) if any(kept.values()) else ""
