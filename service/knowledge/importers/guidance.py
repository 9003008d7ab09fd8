"""Import guidance as ClinPGx publishes it (CPIC, DPWG, FDA) for use on this machine.

Layout: one guideline object, a list of them, a `guidelines` or `data` list, or one file of the download. Each
has `guideline` (id, name, source, url, relatedGenes, relatedChemicals), `recommendations` (lookupKey,
population, classification, text, implications, three flags) and `citations`. Texts stay as published: their
terms bind whoever imports them, so they go into an overlay beside the artifact and never into our content.
"""

import gzip
import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

import msgspec

from service.domain.guidance import DrugGuidance, DrugName, Guidance, LookupTable, Statement
from service.domain.issue import Issue
from service.errors import InvalidInput, StorageUnavailable

_NO_ADVICE = re.compile(r"no recommendation|not provide a recommendation|no action", re.IGNORECASE)
# A limit on the dose ("do not give doses exceeding ...") is no advice against the drug.
_AVOID = re.compile(
    r"\bavoid|contra-?indicat|not recommended|should not be (?:used|given)|"
    r"do not (?:use|give|prescribe)(?! (?:a |the )?(?:doses?|more)\b)",
    re.IGNORECASE,
)
_ALTERNATIVE = re.compile(r"\balternative|another (?:drug|\w+ inhibitor)", re.IGNORECASE)
_MORE = re.compile(
    r"\bincreas\w* (?:the |starting |initial |daily |maintenance )*dose|dose increase|higher (?:\w+ )?dose|"
    r"\b1\.\d+ ?(?:x|times)\b|double the dose",
    re.IGNORECASE,
)
_LESS = re.compile(
    r"\breduc(?:e|ing)\b|reduction|reduced (?:\w+ )?dos|\blower(?:ing)? (?:\w+ )?dos|"
    r"\bdecreas\w* (?:the |starting |daily )*dos|\b\d+ ?% of the|no more than|half (?:of )?the|half of|"
    r"do not exceed|exceeding|maximum (?:recommended )?dos\w+(?! for the relevant)|"
    r"recommended dos\w+ (?:\w+ )*(?:of|is) \d|to a maximum of|give a maximum",
    re.IGNORECASE,
)
# A sentence that only says what cannot be advised decides nothing.
_NOT_POSSIBLE = re.compile(r"It is not possible to offer[^.]*\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was read and written, and every item that could not be used, with the reason."""

    guidelines: int
    drugs: int
    rows: int
    issues: tuple[Issue, ...]


@dataclass(slots=True)
class _Rows:
    """Rows of one guideline and drug while they are collected."""

    statements: list[Statement] = field(default_factory=list)
    tables: dict[tuple[tuple[str, ...], bool], dict[str, list[tuple[str, int]]]] = field(default_factory=dict)


class _Unusable(ValueError):  # noqa: N818 - says what it is
    """An item lacks what guidance needs."""


def import_guidance(file: Path, destination: Path) -> ImportReport:
    """Read published guidance into an overlay that `guidance.load` merges.

    Raises:
        InvalidInput: the file is no JSON of this layout, or nothing in it can be used.
        StorageUnavailable: the destination cannot be written.
    """
    document = _read(file)
    issues: list[Issue] = []
    drugs: list[DrugGuidance] = []
    guidelines = 0
    for position, package in enumerate(_packages(document), 1):
        try:
            found = _guideline(package, issues, _version(document))
        except _Unusable as error:
            issues.append(_problem(str(error), f"{file.name}, guideline {position}"))
            continue
        guidelines += 1
        drugs += found
    if not drugs:
        reason = issues[0].text if issues else "it holds no guideline"
        raise InvalidInput(f"no guidance could be read: {reason}", where=file.name)
    _write(Guidance(tuple(drugs)), destination)
    rows = sum(len(rows) for drug in drugs for table in drug.tables for rows in table.rows.values())
    return ImportReport(guidelines, len({drug.drug.name for drug in drugs}), rows, tuple(issues))


def _read(file: Path) -> Any:
    try:
        raw = file.read_bytes()
        return json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
    except (OSError, EOFError, ValueError) as error:
        raise InvalidInput(f"cannot be read as JSON: {error}", where=file.name) from error


def _packages(document: Any) -> Iterator[dict[str, Any]]:
    if isinstance(document, dict):
        inner = document.get("guidelines", document.get("data"))
        document = inner if isinstance(inner, list) else [document]
    if not isinstance(document, list):
        return
    for item in document:
        if isinstance(item, dict):
            yield item


def _version(document: Any) -> str:
    return str(document.get("version") or "") if isinstance(document, dict) else ""


def _guideline(package: dict[str, Any], issues: list[Issue], version: str) -> list[DrugGuidance]:
    guideline = package.get("guideline", package)
    if not isinstance(guideline, dict):
        raise _Unusable("the guideline is not an object")
    lacking = [key for key in ("id", "source") if not guideline.get(key)]
    if lacking:
        raise _Unusable(f"the guideline lacks {', '.join(lacking)}")
    name = str(guideline["id"])
    by_drug: dict[str, _Rows] = {}
    all_drugs = _chemicals(guideline)
    for row in package.get("recommendations") or ():
        try:
            _add(row, by_drug, all_drugs)
        except _Unusable as error:
            row_id = row.get("id", "without id") if isinstance(row, dict) else "that is no object"
            issues.append(_problem(str(error), f"{name}, recommendation {row_id}"))
    if not by_drug:
        raise _Unusable(f"{name} has no recommendation that can be looked up")
    # The version of the whole export is a date; that of an annotation counts its edits.
    counted = f"annotation version {guideline['version']}" if guideline.get("version") else "not stated"
    stated = str(package.get("version") or version or counted)
    return [_drug_guidance(guideline, package, drug, rows, stated) for drug, rows in sorted(by_drug.items())]


def _drug_guidance(
    guideline: dict[str, Any], package: dict[str, Any], drug: str, rows: _Rows, version: str
) -> DrugGuidance:
    tables = tuple(
        LookupTable(genes, {key: tuple(found) for key, found in held.items()}, diplotype)
        for (genes, diplotype), held in rows.tables.items()
    )
    genes = tuple(sorted({gene for table in tables for gene in table.genes}))
    source = str(guideline["source"]).upper()
    return DrugGuidance(
        source=next((known for known in ("CPIC", "DPWG", "FDA") if known in source), source),
        guideline_id=str(guideline["id"]),
        title=_title(guideline, drug, genes),
        url=str(guideline.get("url") or f"https://www.clinpgx.org/guidelineAnnotation/{guideline['id']}"),
        pmids=_pmids(package),
        version=version,
        drug=DrugName(drug),
        genes=genes,
        statements=tuple(rows.statements),
        tables=tables,
        converts_on_medication=False,
        licence="as published by its source; imported on this machine",
    )


def _title(guideline: dict[str, Any], drug: str, genes: tuple[str, ...]) -> str:
    return str(guideline.get("name") or f"{drug} and {', '.join(genes)}")


def _pmids(package: dict[str, Any]) -> tuple[str, ...]:
    citations = package.get("citations") or ()
    found = (str(c.get("pmid") or "") for c in citations if isinstance(c, dict))
    return tuple(dict.fromkeys(pmid for pmid in found if pmid))


def _add(row: Any, by_drug: dict[str, _Rows], all_drugs: tuple[str, ...]) -> None:
    if not isinstance(row, dict):
        raise _Unusable("is not an object")
    drugs = _chemicals(row) or all_drugs
    if not drugs:
        raise _Unusable("names no drug")
    lookups = row.get("lookupKey")
    lookups = [lookups] if isinstance(lookups, dict) else lookups
    if not isinstance(lookups, list) or not lookups or not all(isinstance(x, dict) and x for x in lookups):
        raise _Unusable("has no lookupKey")
    keys = [_key(lookup) for lookup in lookups]
    statement = _statement(row)
    for drug in drugs:
        rows = by_drug.setdefault(drug, _Rows())
        index = len(rows.statements)
        rows.statements.append(statement)
        for genes, diplotype, key in keys:
            table = rows.tables.setdefault((genes, diplotype), {})
            table.setdefault(key, []).append((str(row.get("id") or ""), index))


def _key(lookup: dict[str, Any]) -> tuple[tuple[str, ...], bool, str]:
    """Genes, whether the key is a diplotype, and the key. A diplotype is a count per allele."""
    genes = tuple(sorted(lookup))
    diplotype = all(isinstance(lookup[gene], dict) for gene in genes)
    if not diplotype and not all(isinstance(lookup[gene], str) for gene in genes):
        raise _Unusable("has a lookupKey that is neither a result nor alleles with their counts")
    parts = [_alleles(lookup[gene]) if diplotype else str(lookup[gene]) for gene in genes]
    return genes, diplotype, "\t".join(parts)


def _alleles(counts: dict[str, Any]) -> str:
    try:
        alleles = [name for name, count in counts.items() for _ in range(int(count))]
    except (TypeError, ValueError) as error:
        raise _Unusable("has an allele without a count") from error
    return "/".join(sorted(alleles))


def _statement(row: dict[str, Any]) -> Statement:
    text = _plain(row.get("text"))
    if not text:
        raise _Unusable("has no text")
    classification = row.get("classification")
    strength = classification.get("term") if isinstance(classification, dict) else classification
    why = "; ".join(_plain(part) for part in row.get("implications") or () if _plain(part))
    return Statement(
        action=action_of(row, text),
        strength=str(strength or "Unspecified"),
        population=str(row.get("population") or "general"),
        text=text,
        why=why,
        wording="source",
    )


def action_of(row: dict[str, Any], text: str) -> str:
    """The action of a published row, from its words as far as its three flags allow them.

    Of what the text asks (to avoid, to choose another drug, to change the dose) the first decides.

    >>> action_of({"alternateDrugAvailable": True}, "Avoid clopidogrel if possible.")
    'avoid'
    >>> action_of({"dosingInformation": True}, "Do not give doses exceeding 75 mg/day.")
    'reduce-dose'
    >>> action_of({}, "Use the standard dose.")
    'standard'
    """
    dose, other_drug = row.get("dosingInformation"), row.get("alternateDrugAvailable")
    guided = dose or other_drug or row.get("otherPrescribingGuidance")
    text = _NOT_POSSIBLE.sub("", text) if guided else text
    if not guided and _NO_ADVICE.search(text):
        return "no-recommendation"
    asked = [
        (found.start(), action)
        for action, pattern, allowed in (
            ("avoid", _AVOID, True),
            ("use-alternative", _ALTERNATIVE, other_drug),
            ("increase-dose", _MORE, dose),
            ("reduce-dose", _LESS, dose),
        )
        if allowed and (found := pattern.search(text))
    ]
    if asked:
        return min(asked)[1]
    if other_drug:
        return "use-alternative"
    return "monitor" if guided else "standard"


def _chemicals(item: dict[str, Any]) -> tuple[str, ...]:
    chemicals = item.get("relatedChemicals") or ()
    names = (str(c.get("name") or "").strip().lower() for c in chemicals if isinstance(c, dict))
    return tuple(dict.fromkeys(name for name in names if name))


def _plain(value: Any) -> str:
    """The words of a text that comes as HTML, as a markdown object with `html`, or plain."""
    if isinstance(value, dict):
        value = value.get("html") or value.get("markdown") or ""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", str(value or "")))).strip()


def _problem(text: str, where: str) -> Issue:
    return Issue("warning", "incomplete", f"not imported: {text}", where)


def _write(guidance: Guidance, destination: Path) -> None:
    """Write beside, then rename: nothing half-written is left under the final name."""
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".importing-", dir=destination.parent)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(msgspec.json.format(msgspec.json.encode(guidance), indent=1))
            Path(name).replace(destination)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise StorageUnavailable(
            f"cannot write the imported guidance: {error}", where=str(destination)
        ) from error
