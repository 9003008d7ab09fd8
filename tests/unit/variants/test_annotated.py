"""What annotators wrote into a file stands in where the sequence is not at hand, and nowhere else."""

import pytest

from service.domain.assembly import Assembly
from service.domain.variant import MolecularDescription, Variant, VariantCall, Zygosity
from service.variants.annotated import as_annotated

PAH = Variant(Assembly.GRCH38, "12", 102840515, "G", "A")
UNKNOWN = MolecularDescription(
    PAH, "s", gene="PAH", transcript="NM_000277.3", protein="NP_000268.1", protein_position=408,
    consequence="coding_sequence_variant", consequences=("coding_sequence_variant",),
)  # fmt: skip
VEP = (
    "A|missense_variant|MODERATE|PAH|ENSG1|Transcript|NM_000277.3|protein_coding|12/13||"
    "NM_000277.3:c.1222C>T|NP_000268.1:p.Arg408Trp"
)
STOP = "A|stop_gained&splice_region_variant|HIGH|PAH|ENSG1|Transcript|ENST1|protein_coding"


def named(names: MolecularDescription = UNKNOWN, **info: str) -> MolecularDescription:
    call = VariantCall(PAH, Zygosity.HETEROZYGOUS, info=tuple(info.items()))
    return as_annotated([call], [names])[0]


@pytest.mark.parametrize(
    ("info", "consequence", "protein"),
    [
        ({"CSQ": VEP}, "missense_variant", "NP_000268.1:p.(Arg408Trp)"),
        ({"CSQ": f"{STOP},{VEP}"}, "missense_variant", "NP_000268.1:p.(Arg408Trp)"),  # our transcript counts
        ({"CSQ": STOP}, "stop_gained", None),
        ({"CSQ": STOP.replace("ENST1", "ENST2") + "," + STOP}, "stop_gained", None),
        (
            {"CSQ": STOP + "," + STOP.replace("stop_gained", "missense_variant")},
            "coding_sequence_variant",
            None,
        ),  # two transcripts, neither ours, that differ
        ({"CSQ": STOP.replace("PAH", "OTHER")}, "coding_sequence_variant", None),
        ({"CSQ": STOP.replace("A|stop", "T|stop")}, "coding_sequence_variant", None),  # another allele
        ({"ANN": "A|missense_variant|MODERATE|PAH|g|transcript|NM_000277.3|c|1/13|c.1222C>T|p.Arg407Trp"},
         "missense_variant", None),  # counts another protein
        ({"CSQ": "PAH|A|stop_gained,PAH|T|synonymous_variant"}, "stop_gained", None),  # the allele second
        ({"CSQ": "PAH|T|synonymous_variant"}, "coding_sequence_variant", None),
        ({"BCSQ": "synonymous|PAH|ENST1|protein_coding|-|408R|1G>A"}, "synonymous_variant", None),
        ({"BCSQ": "synonymous|PAH|ENST1|protein_coding|-|408R|1G>T"}, "coding_sequence_variant", None),
        ({"vep": STOP}, "stop_gained", None),
        ({"ANN": "A|intron_variant|MODIFIER|PAH|2"}, "coding_sequence_variant", None),
        ({"CSQ": "A"}, "coding_sequence_variant", None),  # cut short
        ({"DP": "30"}, "coding_sequence_variant", None),
    ],
)  # fmt: skip
def test_an_unknown_effect_takes_what_the_file_says(
    info: dict[str, str], consequence: str, protein: str | None
) -> None:
    found = named(**info)
    assert (found.consequence, found.hgvs_p) == (consequence, protein)
    assert any("annotation states" in note for note in found.notes) is (
        consequence != "coding_sequence_variant"
    )


def test_what_we_read_ourselves_is_not_replaced() -> None:
    own = MolecularDescription(
        PAH, "s", gene="PAH", consequence="synonymous_variant", consequences=("synonymous_variant",)
    )
    assert named(own, CSQ=VEP) == own
