"""What `classify` is asked about, named in the gene that is judged."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from service.bootstrap.nomenclature import NomenclatureRoom
from service.domain.assembly import Assembly
from service.raredisease.classify_lines import Named
from service.raredisease.effect import BESIDE_CODING
from service.variants.parse_notation import parse_notation
from service.variants.resolve import Resolver

if TYPE_CHECKING:
    from service.variants.resolve import Lookup


def naming(nomenclature: NomenclatureRoom, lookup: "Lookup") -> Callable[[str, Assembly, str | None], Named]:
    """Notation, its assembly and the gene asked for -> the variant's description.

    What has no place on GRCh38 keeps a name without a transcript.
    """
    describer = nomenclature.describer
    resolver = Resolver(describer.models, describer.reference, nomenclature.liftover, lookup)

    def named(text: str, assembly: Assembly, gene: str | None) -> Named:
        resolved = resolver.resolve(parse_notation(text), assembly)
        found = describer.describe_variant(resolved.variant, gene or resolved.gene)
        if gene and found.consequence in BESIDE_CODING:
            # Beside one gene's coding sequence a variant may lie within another's: that one is judged.
            other = describer.describe_variant(resolved.variant)
            if other.gene != found.gene and other.consequence not in BESIDE_CODING:
                return Named(other, (f"judged in {other.gene}: beside the coding sequence of {gene}",))
        if gene and found.gene and describer.models.catalogue.symbol(gene) != found.gene:
            return Named(found, (f"judged in {found.gene}: no transcript of {gene} is known there",))
        return Named(found)

    return named
