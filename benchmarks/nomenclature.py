"""Variants a second from VCF record to names and consequence, strings parsed a second, provider load.

Usage: python benchmarks/nomenclature.py [KNOWLEDGE ARTIFACT]
Prints each figure beside its limit; exits 1 when one is missed.
"""

import random
import resource
import sys
import tempfile
import time
from pathlib import Path

from service.domain.assembly import Assembly
from service.domain.variant import Variant, VariantCall, Zygosity
from service.knowledge import build, liftover, transcripts
from service.variants.describe import Describer
from service.variants.liftover import Liftover
from service.variants.parse_notation import parse_notation
from service.variants.reference import ReferenceSequence

RECORDS = 40_000


def artifact() -> Path:
    """The named artifact, or the two parts built in a temporary folder."""
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    out = Path(tempfile.mkdtemp(prefix="nomenclature-"))
    content = build.default_content()
    assert content is not None
    transcripts.build(content, out / "transcripts")
    liftover.build(content, out / "liftover")
    return out


def opened(place: Path) -> Describer:
    """A describer over the artifact that has named nothing yet."""
    knowledge = transcripts.load(place / "transcripts")
    reference = ReferenceSequence(knowledge.regions)
    return Describer(knowledge, reference, Liftover(liftover.load(place / "liftover"), reference))


def simulate(describer: Describer) -> list[VariantCall]:
    """Records over exons and their flanks of all genes with sequence: 90 % SNVs, 10 % short indels."""
    dice = random.Random(20260101)
    known = (t for t in describer.models.catalogue if t.cds and not t.differences)
    models = [transcript for transcript in known if describer.models.coding(transcript)]
    calls: list[VariantCall] = []
    while len(calls) < RECORDS:
        transcript = dice.choice(models)
        low, high = dice.choice(transcript.exons)
        start = dice.randrange(low - 30, high + 30)
        kind = dice.random()
        size = 1 if kind < 0.95 else dice.randint(2, 6)
        ref = describer.reference.bases(Assembly.GRCH38, transcript.chrom, start, start + size)
        if "N" in ref:
            continue
        if kind < 0.9:
            alt = dice.choice("ACGT".replace(ref, ""))
        elif kind < 0.95:
            alt = ref + "".join(dice.choices("ACGT", k=dice.randint(1, 5)))
        else:
            alt = ref[0]
        variant = Variant(Assembly.GRCH38, transcript.chrom, start, ref, alt)
        calls.append(VariantCall(variant, Zygosity.HETEROZYGOUS))
    return calls


def main() -> int:
    """Measure and print; 0 when every limit is met."""
    place = artifact()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    describer = opened(place)
    loaded = time.process_time() - began
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    calls = simulate(opened(place))  # by another describer: the first pass finds nothing worked out
    began = time.process_time()
    describer.describe(calls)
    cold = RECORDS / (time.process_time() - began)
    began = time.process_time()
    described = describer.describe(calls)
    rate = RECORDS / (time.process_time() - began)
    texts = [text for names in described for text in (names.hgvs_c, names.hgvs_g) if text]
    began = time.process_time()
    for text in texts:
        parse_notation(text)
    parsed = len(texts) / (time.process_time() - began)
    rows = (
        ("VCF record to names and consequence, warm (a second, one core)", rate, 20_000, True),
        ("the same, first pass over the genes", cold, 20_000, True),
        ("strings parsed by the fast grammar (a second)", parsed, 50_000, True),
        ("provider load (CPU ms)", loaded * 1000, 300, False),
        ("provider memory above the interpreter's (MB)", memory, 150, False),
    )
    missed = 0
    for name, figure, limit, at_least in rows:
        met = figure >= limit if at_least else figure <= limit
        missed += not met
        print(f"{'ok  ' if met else 'MISS'} {name}: {figure:,.0f} (limit {limit:,})")
    print(f"     share named by the hgvs package: {describer.effects.fallbacks / (2 * RECORDS):.3%}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
