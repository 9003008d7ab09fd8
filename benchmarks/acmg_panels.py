"""How often our class is the expert panels' class.

    GENOMEWARD_SHARED=FOLDER python -m benchmarks.acmg_panels [--errors] [--only GENE,...] [--hold-out]

Reads the panels' published variants (`acmg_dev.jsonl.gz`), masks each variant's own assertion, and
classifies them

* `criteria`: with all the criteria that the panel met, in mode `only`;
* `frequency+predictors`: with the panel's BA1, BS1, PM2, PP3 and BP4 alone, in mode `add`;
* `nothing`: with variant, gene, disease and inheritance alone.

Prints per setting: exact five-class agreement beside what always answering uncertain gives and beside what
the panel's own automatable criteria would give (the limit), opposite calls, the confusion matrix, agreement
per gene, and per automatic criterion how often the panel met it too. Agreement is also given as the mean
over genes, each of which is unseen by any other.

With `--hold-out` each gene is classified without the rules that were read for it by hand
(`panel_rules_read.tsv`), as a gene nobody looked at: by gene our agreement with and without them, the limit,
and what the panels met that we did not, by reason. Build the knowledge base from a copy of `knowledgebase/`
whose `published_codons.tsv.zst` is made without the panels' file, and name it by GENOMEWARD_KNOWLEDGE, to
leave their names out too.
"""

import argparse
import gzip
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import service.bootstrap.genomeward as bootstrap
from service.bootstrap import Genomeward, open_genomeward
from service.domain.disease import Classification, Criterion
from service.domain.gene import DiseaseKnowledge, GeneKnowledge
from service.knowledge.tables import read_table
from service.raredisease.classifier import Classifier
from service.raredisease.combine import Scheme
from service.raredisease.strength import parse_strength
from service.settings import read_settings

SUPPLIED = ("BA1", "BS1", "PM2", "PP3", "BP4")
# What software can set. Source: the specification of the criteria, section 8.
AUTOMATABLE = (*SUPPLIED, "PVS1", "PS1", "PM1", "PM4", "PM5", "BP3", "BP7")
ORDER = tuple(Classification)
_TITLES = {c.value.lower(): c for c in Classification}


def variants(shared: Path | None = None) -> list[dict[str, Any]]:
    """The panels' variants, in the folder given or named by GENOMEWARD_SHARED."""
    shared = shared or Path(os.environ["GENOMEWARD_SHARED"])
    path = shared / "data" / "raredisease" / "acmg_dev.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        return [json.loads(line) for line in handle]


def panel_class(row: dict[str, Any]) -> Classification:
    """The class that the panel published."""
    return _TITLES[row["assertion"].lower()]


def notation(row: dict[str, Any]) -> str:
    """VCF-style where the place is known, else the panel's HGVS name without gene and protein."""
    if row["pos"]:
        return f"{row['chrom']}-{row['pos']}-{row['ref']}-{row['alt']}"
    return str(row["hgvs_g_grch38"] or row["hgvs"].split(" ")[0].replace(f"({row['gene']})", ""))


def line(row: dict[str, Any], codes: tuple[str, ...] | None, mode: str | None) -> str:
    """One request; `codes` are the panel's criteria to supply, None for no criteria at all."""
    document = {
        "variant": notation(row),
        "gene": row["gene"],
        "disease": row["mondo"],
        "inheritance": row["moi"],
        "mask_assertions": True,
    }
    if codes is not None:
        document["criteria"] = [c for c in row["criteria_met"] if c["code"] in codes]
        document["criteria_mode"] = mode
    return json.dumps(document)


def limit(row: dict[str, Any], codes: tuple[str, ...]) -> Classification:
    """The class by the panel's own criteria of these codes."""
    met = [
        Criterion(c["code"], parse_strength(c["strength"]).value, "met", "")
        for c in row["criteria_met"]
        if c["code"] in codes
    ]
    return Scheme().classify(met)


def opposite(one: Classification, other: Classification) -> bool:
    """Pathogenic for benign, or the reverse."""
    pathogenic = {Classification.PATHOGENIC, Classification.LIKELY_PATHOGENIC}
    benign = {Classification.BENIGN, Classification.LIKELY_BENIGN}
    return (one in pathogenic and other in benign) or (one in benign and other in pathogenic)


def report(
    title: str, rows: list[dict[str, Any]], answers: list[dict[str, Any]], errors: bool
) -> Iterator[str]:
    """The lines of one setting."""
    answered = [
        (row, answer) for row, answer in zip(rows, answers, strict=True) if "classification" in answer
    ]
    pairs = [(panel_class(row), Classification(answer["classification"])) for row, answer in answered]
    exact = sum(panel is ours for panel, ours in pairs) / len(pairs)
    genes: dict[str, list[bool]] = defaultdict(list)
    for (row, _), (panel, ours) in zip(answered, pairs, strict=True):
        genes[row["gene"]].append(panel is ours)
    mean = sum(sum(found) / len(found) for found in genes.values()) / len(genes)
    uncertain = sum(panel is Classification.UNCERTAIN for panel, _ in pairs) / len(pairs)
    against = [
        (row, ours) for (row, _), (panel, ours) in zip(answered, pairs, strict=True) if opposite(panel, ours)
    ]
    yield f"== {title}: {len(pairs)} of {len(rows)} variants"
    yield f"exact {exact:.4f}, mean over {len(genes)} genes {mean:.4f}; always uncertain {uncertain:.4f}"
    yield f"opposite calls {len(against)} ({len(against) / len(pairs):.4%})"
    for row, ours in against:
        yield f"   {row['gene']} {row['hgvs']}: panel {row['assertion']}, ours {ours.value}"
    counts = Counter(pairs)
    yield "panel \\ ours".ljust(24) + "".join(c.name[:12].rjust(18) for c in ORDER)
    for panel in ORDER:
        yield panel.value.ljust(24) + "".join(str(counts[panel, ours]).rjust(18) for ours in ORDER)
    largest = sorted(genes.items(), key=lambda item: -len(item[1]))
    yield "per gene: " + ", ".join(
        f"{gene} {sum(found) / len(found):.2f} ({len(found)})" for gene, found in largest
    )
    if errors:
        for (row, answer), (panel, ours) in zip(answered, pairs, strict=True):
            if panel is not ours:
                met = [f"{c['code']}_{c['strength']}" for c in answer["criteria"] if c["verdict"] == "met"]
                theirs = [f"{c['code']}_{c['strength']}" for c in row["criteria_met"]]
                yield f"   {panel.name} -> {ours.name} {row['hgvs']} ours {met} panel {theirs}"


def agreement(rows: list[dict[str, Any]], answers: list[dict[str, Any]]) -> Iterator[str]:
    """Per automatic criterion: met by us and by the panel, by us alone, by the panel alone."""
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for row, answer in zip(rows, answers, strict=True):
        if "criteria" not in answer:
            continue
        theirs = {c["code"]: c["strength"] for c in row["criteria_met"]}
        ours = {
            c["code"]: c["strength"]
            for c in answer["criteria"]
            if c["verdict"] == "met" and not c["supplied"]
        }
        for code in {*theirs, *ours} & set(AUTOMATABLE) - set(SUPPLIED):
            key = "both" if code in theirs and code in ours else ("ours" if code in ours else "panel")
            tally[code][key] += 1
            tally[code]["same strength"] += theirs.get(code) == ours.get(code)
    for code, found in sorted(tally.items()):
        yield (
            f"{code}: both {found['both']} (same strength {found['same strength']}), "
            f"ours alone {found['ours']}, panel alone {found['panel']}"
        )


class WithoutReadRules:
    """Gene knowledge without the rules that were read by hand."""

    def __init__(self, diseases: DiseaseKnowledge) -> None:
        self._diseases = diseases
        folder = Path(__file__).parents[1] / "knowledgebase" / "raredisease"
        self._read = {
            (row["gene"], row["criterion"], row["status"], row["rule"])
            for row in read_table(folder / "panel_rules_read.tsv")
        }

    def __getattr__(self, name: str) -> Any:
        return getattr(self._diseases, name)

    def gene(self, symbol: str) -> GeneKnowledge | None:
        """The gene with the registry's derived rules alone."""
        gene = self._diseases.gene(symbol)
        if gene is None:
            return None
        kept = (r for r in gene.rules if (gene.gene, r.criterion, r.status, r.rule) not in self._read)
        return replace(gene, rules=tuple(kept))


def held_out(genomeward: Genomeward, rows: list[dict[str, Any]]) -> Iterator[str]:
    """Agreement in the setting `frequency+predictors` without the rules read for a gene, and what is lost."""
    lines = [line(row, SUPPLIED, "add") for row in rows]
    known = list(genomeward.classify_lines(lines))
    opened = bootstrap.open_classifier

    def without(*arguments: Any, **options: Any) -> Classifier:
        classifier = opened(*arguments, **options)
        return replace(classifier, diseases=WithoutReadRules(classifier.diseases))

    bootstrap.open_classifier = without
    try:
        unknown = list(genomeward.classify_lines(lines))
    finally:
        bootstrap.open_classifier = opened
    genes: dict[str, Counter[str]] = defaultdict(Counter)
    lost: Counter[tuple[str, ...]] = Counter()
    for row, seen, unseen in zip(rows, known, unknown, strict=True):
        panel, reachable = panel_class(row), limit(row, AUTOMATABLE)
        counts = genes[row["gene"]]
        counts["n"] += 1
        counts["limit"] += reachable is panel
        counts["known"] += panel.value == seen.get("classification")
        counts["held out"] += panel.value == unseen.get("classification")
        if reachable is panel and panel.value != unseen.get("classification"):
            ours = {(c["code"], c["strength"]) for c in unseen.get("criteria", ()) if c["verdict"] == "met"}
            theirs = {
                (c["code"], parse_strength(c["strength"]).value)
                for c in row["criteria_met"]
                if c["code"] in AUTOMATABLE
            }
            missed = (f"missed {code} {strength}" for code, strength in sorted(theirs - ours))
            added = (f"added {code} {strength}" for code, strength in sorted(ours - theirs))
            lost[*missed, *added] += 1
    total: Counter[str] = sum(genes.values(), Counter())
    for gene, counts in (*sorted(genes.items(), key=lambda item: -item[1]["n"]), ("all", total)):
        shares = ", ".join(
            f"{name} {counts[name] / counts['n']:.3f}" for name in ("held out", "known", "limit")
        )
        yield f"{gene} ({counts['n']}): {shares}"
    for reason, count in lost.most_common(12):
        yield f"   lost {count}: {'; '.join(reason)}"


def main() -> None:
    """Run the three settings."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--errors", action="store_true", help="list every disagreement")
    parser.add_argument("--only", metavar="GENE,...", help="these genes alone")
    parser.add_argument("--hold-out", action="store_true", help="without the rules read for each gene")
    options = parser.parse_args()
    rows = variants()
    if options.only:
        rows = [row for row in rows if row["gene"] in options.only.split(",")]
    with open_genomeward(read_settings()) as genomeward:
        if options.hold_out:
            for text in held_out(genomeward, rows):
                print(text)
            return
        every = tuple({c["code"] for row in rows for c in row["criteria_met"]})
        for title, codes, mode in (
            ("criteria", every, "only"),
            ("frequency+predictors", SUPPLIED, "add"),
            ("nothing", None, None),
        ):
            answers = list(genomeward.classify_lines(line(row, codes, mode) for row in rows))
            for text in report(title, rows, answers, options.errors):
                print(text)
            if mode != "only":
                for text in agreement(rows, answers):
                    print("  ", text)
            if mode == "add":
                reached = sum(limit(row, AUTOMATABLE) is panel_class(row) for row in rows) / len(rows)
                without = sum(limit(row, SUPPLIED) is panel_class(row) for row in rows) / len(rows)
                print(f"limit: the panel's automatable criteria {reached:.4f}, those supplied {without:.4f}")
            for row, answer in zip(rows, answers, strict=True):
                if "error" in answer and mode == "only":
                    print("   not read:", row["hgvs"], answer["error"]["message"], file=sys.stderr)


if __name__ == "__main__":
    main()
