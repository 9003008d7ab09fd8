"""BA1, BS1 and PM2: how common a variant is, against the panel's thresholds or the general ones."""

import re

from service.domain.disease import Criterion
from service.domain.gene import Bound, FrequencyException, Inheritance, PanelThresholds
from service.raredisease.criteria.verdict import met, not_assessed, not_met
from service.raredisease.evidence import Evidence
from service.raredisease.population import FrequencyRow
from service.raredisease.strength import Strength

GHOSH = "Ghosh 2018, doi:10.1002/humu.23642"
WHIFFIN = "Whiffin 2017, doi:10.1038/gim.2017.26"
SVI_PM2 = "ClinGen SVI, PM2 v1.0, 2020-09-04"
MITO = "ClinGen GN015; McCormick 2020, doi:10.1002/humu.24107"
# Ghosh 2018: above 5 % in a general continental population of at least 2,000 alleles.
BA1 = Bound(">", 0.05)
GROUP_ALLELES = 2_000
# GN015: BA1 above 1 %, BS1 from 0.5 %, PM2 below 1 in 50,000.
MT_BA1, MT_BS1, MT_PM2 = Bound(">", 0.01), Bound(">=", 0.005), Bound("<", 2e-5)
# Rare enough where no panel says: absent or nearly so for one-allele disease, 1 in 10,000 for two-allele
# disease. Both are the middle of what expert panels use (knowledgebase/raredisease/panel_thresholds.tsv).
PM2_DOMINANT, PM2_RECESSIVE = Bound("<=", 2e-5), Bound("<=", 1e-4)
# Zero observations exclude 1e-4 with 95 % confidence only from this many alleles on (rule of three).
PM2_ALLELES = 30_000


def common(evidence: Evidence) -> Criterion:
    """BA1: too common for any Mendelian disease; never for a variant that is known to cause disease although
    it is common: the nine of Ghosh 2018, and founder variants.
    """
    if evidence.ba1_exception:
        return not_met("BA1", f"{evidence.ba1_exception} is on the exception list", GHOSH)
    if (founder := evidence.frequency_exception) is not None:
        return not_met("BA1", _excepted(founder), founder.source)
    panel = panel_thresholds(evidence)
    if panel is not None and panel.ba1 is not None:
        found = _above(evidence, "BA1", panel.ba1, _specification(panel), Strength.STAND_ALONE)
        return _as_sure_as_sources(evidence, found)
    if verdict := _stated(evidence, "BA1"):
        return verdict
    bound, source = (MT_BA1, MITO) if _mitochondrial(evidence) else (BA1, GHOSH)
    return _above(evidence, "BA1", bound, source, Strength.STAND_ALONE)


def more_common_than_disease(evidence: Evidence) -> Criterion:
    """BS1: above the panel's threshold, or above the maximum credible frequency of the disease.

    A variant that is pathogenic although it is common (the exceptions of BA1) is not judged by frequency at
    all.
    """
    if evidence.ba1_exception:
        return not_met("BS1", f"{evidence.ba1_exception} is on the exception list of BA1", GHOSH)
    if (founder := evidence.frequency_exception) is not None:
        return not_met("BS1", _excepted(founder), founder.source)
    panel = panel_thresholds(evidence)
    if panel is not None and panel.bs1 is not None:
        found = _above(evidence, "BS1", panel.bs1, _specification(panel), Strength.STRONG)
        if found.verdict != "met" and panel.bs1_supporting is not None:
            lower = _above(evidence, "BS1", panel.bs1_supporting, _specification(panel), Strength.SUPPORTING)
            found = lower if lower.verdict == "met" else found
        return _as_sure_as_sources(evidence, found)
    if _mitochondrial(evidence):
        return _above(evidence, "BS1", MT_BS1, MITO, Strength.STRONG)
    if evidence.disease_parameters is not None:
        biallelic = evidence.modes == {Inheritance.RECESSIVE}
        limit = evidence.disease_parameters.maximum_credible_frequency(biallelic=biallelic)
        return _above(evidence, "BS1", Bound(">", limit), WHIFFIN, Strength.STRONG)
    if verdict := _stated(evidence, "BS1"):
        return verdict
    return not_assessed("BS1", "no panel threshold and no prevalence and penetrance of the disease")


def _excepted(listed: FrequencyException) -> str:
    return f"{listed.hgvs} is pathogenic although it is common ({listed.reason})"


def rare(evidence: Evidence) -> Criterion:
    """PM2, at supporting strength: absent, or rarer than the panel or the mode of inheritance allows."""
    for code in ("BA1", "BS1"):
        supplied = evidence.supplied.get(code)
        if supplied is not None and supplied.verdict == "met":
            return not_met("PM2", f"{code} is supplied")
    stated = _stated(evidence, "PM2")
    rows = evidence.population.general or evidence.population.rows
    # The sources know who was silent; the gene's panel or the mode of inheritance may ask for more.
    if stated is not None and (stated.verdict != "met" or not rows):
        return stated
    panel = panel_thresholds(evidence)
    bound, source = _rare_bound(evidence, panel)
    if not rows:
        return not_assessed("PM2", "no allele frequency was given")
    if bound.operator.startswith("AC"):
        return _rare_by_count(rows, bound, source)
    values = [(row.value, row) for row in rows if row.value is not None]
    if not values:
        return not_assessed("PM2", "no allele frequency was given beside a filtering one")
    value, row = max(values, key=lambda entry: entry[0] or 0.0)
    value = value or 0.0
    shown = f"highest frequency {value:.3g} ({row.label}), threshold {_words(bound)}"
    allowed = bound.holds(value) or (bound.operator == "absent" and _one_allele(rows, panel))
    if not allowed:
        return not_met("PM2", shown, source)
    alleles = max((_alleles(r) for r in rows), default=0)
    if alleles < PM2_ALLELES:
        known = f"{alleles} alleles" if alleles else "an unstated number of alleles"
        return not_assessed(
            "PM2", f"{shown}; {known}: {PM2_ALLELES} are needed to say that it is rare", source
        )
    if evidence.population.silent:
        silent = ", ".join(evidence.population.silent)
        return not_assessed("PM2", f"{shown}; without counts from {silent}", source)
    return met("PM2", Strength.SUPPORTING, f"{shown}, {alleles} alleles", source)


def panel_thresholds(evidence: Evidence) -> PanelThresholds | None:
    """The panel's thresholds for the gene and the mode of inheritance; None without a panel, or in doubt."""
    if evidence.gene is None or not evidence.gene.thresholds:
        return None
    rows = evidence.gene.thresholds
    wanted = evidence.inheritance
    fitting = [row for row in rows if wanted is not None and wanted.value in row.inheritance]
    if not fitting and (wanted is None or len(rows) == 1):
        fitting = list(rows)
    if not fitting:
        return None
    if len(fitting) > 1 and evidence.disease_names:
        named = [row for row in fitting if _names(row.disease) & _names(*evidence.disease_names)]
        fitting = named or fitting
    # Several diseases of one gene: the most lenient row, so that no variant is called too common for one of
    # them.
    return max(fitting, key=lambda row: row.ba1.value if row.ba1 else 1.0)


# Words that any disease of a gene may carry.
_COMMON_WORDS = frozenset(
    {"disease", "disorder", "syndrome", "related", "type", "susceptibility", "congenital"}
)


def _names(*diseases: str) -> set[str]:
    """The telling words of diseases' names, without numbers.

    >>> sorted(_names("RYR1-related myopathy"))
    ['myopathy', 'ryr1']
    """
    words = {word for name in diseases for word in re.findall(r"[a-z][a-z0-9]{3,}", name.lower())}
    return words - _COMMON_WORDS


def _rare_bound(evidence: Evidence, panel: PanelThresholds | None) -> tuple[Bound, str]:
    if _mitochondrial(evidence):
        return MT_PM2, MITO
    if panel is not None and panel.pm2 is not None:
        return panel.pm2, _specification(panel)
    return (PM2_RECESSIVE if evidence.modes == {Inheritance.RECESSIVE} else PM2_DOMINANT), SVI_PM2


def _rare_by_count(rows: tuple[FrequencyRow, ...], bound: Bound, source: str) -> Criterion:
    counts = [row.count for row in rows if row.count is not None]
    if not counts:
        return not_assessed(
            "PM2", f"the panel's threshold is a count of alleles ({_words(bound)}); none was given", source
        )
    highest = max(counts)
    shown = f"{highest} alleles, threshold {_words(bound)}"
    if not bound.holds(highest):
        return not_met("PM2", shown, source)
    if max(_alleles(row) for row in rows) < PM2_ALLELES:
        return not_assessed("PM2", f"{shown}; fewer than {PM2_ALLELES} alleles were read", source)
    return met("PM2", Strength.SUPPORTING, shown, source)


def _one_allele(rows: tuple[FrequencyRow, ...], panel: PanelThresholds | None) -> bool:
    """Whether a single observation is still `absent` for this panel."""
    allowed = panel is not None and "1 allele" in panel.pm2_text
    return allowed and all(row.count is not None and row.count <= 1 for row in rows)


def _alleles(row: FrequencyRow) -> int:
    """Alleles read: as stated, or at least so many that one of them gives the stated frequency."""
    if row.number is not None:
        return row.number
    return int(1 / row.frequency) if row.frequency else 0


def _above(evidence: Evidence, code: str, bound: Bound, source: str, strength: Strength) -> Criterion:
    """Whether any general group exceeds a bound: by filtering frequency where counts or FAF95 are known."""
    rows = evidence.population.general
    if not rows:
        silent = next((v.reason for v in evidence.frequency_verdicts if v.code == "BA1"), None)
        return not_assessed(code, silent or "no allele frequency was given", source)
    best: tuple[float, str] | None = None
    small: list[str] = []
    for row in rows:
        found = _statistic(evidence, row, code)
        if found is None:
            small.append(row.label)
        elif best is None or found[0] > best[0]:
            best = found
    if best is None:
        return not_assessed(
            code, f"fewer than {GROUP_ALLELES} alleles, or only a count, in {', '.join(small)}", source
        )
    shown = f"{best[1]}, threshold {_words(bound)}"
    return met(code, strength, shown, source) if bound.holds(best[0]) else not_met(code, shown, source)


def _statistic(evidence: Evidence, row: FrequencyRow, code: str) -> tuple[float, str] | None:
    """The number that is compared: FAF95 first; for BA1's general rule the plain frequency of a large
    group.
    """
    if row.faf95 is not None:
        return row.faf95, f"filtering frequency {row.faf95:.3g} ({row.label})"
    if row.count is not None and row.number:
        if row.number < GROUP_ALLELES:
            return None
        if code != "BA1" or (evidence.gene is not None and evidence.gene.thresholds):
            faf = evidence.faf95(row.count, row.number)
            if faf is not None:
                return faf, f"filtering frequency {faf:.3g} of {row.count}/{row.number} ({row.label})"
        value = row.count / row.number
        return value, f"frequency {value:.3g} of {row.number} alleles ({row.label})"
    if row.frequency is not None:
        if row.number is not None and row.number < GROUP_ALLELES:
            return None
        size = f" of {row.number} alleles" if row.number is not None else ", allele number not stated"
        return row.frequency, f"frequency {row.frequency:.3g}{size} ({row.label})"
    return None


def _as_sure_as_sources(evidence: Evidence, found: Criterion) -> Criterion:
    """A threshold that is not reached by those who answered is open while other sources are silent."""
    silent = next(
        (v for v in evidence.frequency_verdicts if v.verdict == "not assessed" and v.code == "BA1"), None
    )
    if found.verdict != "not met" or silent is None:
        return found
    return not_assessed(found.code, f"{found.reason}; {silent.reason}", found.source)


def _stated(evidence: Evidence, code: str) -> Criterion | None:
    """What the frequency sources themselves said, where they were asked."""
    for verdict in evidence.frequency_verdicts:
        if verdict.code != code:
            continue
        if verdict.verdict != "met":
            return Criterion(code, None, verdict.verdict, verdict.reason)
        strength = {"BA1": Strength.STAND_ALONE, "BS1": Strength.STRONG}.get(code, Strength.SUPPORTING)
        return met(code, strength, verdict.reason)
    return None


def _mitochondrial(evidence: Evidence) -> bool:
    return evidence.variant is not None and evidence.variant.chrom == "MT"


def _words(bound: Bound) -> str:
    return "absent" if bound.operator == "absent" else f"{bound.operator} {bound.value:g}"


def _specification(panel: PanelThresholds) -> str:
    return f"{panel.panel}, {panel.specification}"
