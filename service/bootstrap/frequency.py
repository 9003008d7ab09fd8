"""Frequency sources, and what is remembered of them."""

import dataclasses
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from service.bootstrap.nomenclature import NomenclatureRoom
from service.domain.assembly import Assembly
from service.domain.variant import Variant
from service.knowledge.repository import Knowledge, open_knowledge
from service.settings import Settings

if TYPE_CHECKING:
    from service.domain.frequency_sources import Canary
    from service.frequency.federation import Federation
    from service.store.frequency_memory import FrequencyMemory
    from service.variants.liftover import Liftover


def with_nodes(settings: Settings, nodes: str | None) -> Settings:
    """Settings with another nodes.toml, whose answers stay apart from those of the configured nodes."""
    if nodes is None:
        return settings
    return dataclasses.replace(settings, nodes=Path(nodes), share_answers=False)


def open_frequency_memory(settings: Settings) -> "FrequencyMemory":
    """Audit record and shared answers of frequency questions; the database opens with the first question."""
    from service.store.frequency_memory import FrequencyMemory

    url = settings.database_url or f"sqlite:///{settings.state / 'genomeward.sqlite'}"
    return FrequencyMemory(url, settings.id_key, share=settings.share_answers)


def open_frequencies(
    settings: Settings,
    knowledge: Knowledge,
    nomenclature: NomenclatureRoom,
    memory: "FrequencyMemory",
    *,
    local_only: bool = False,
) -> "Federation":
    """The configured nodes: those of nodes.toml, else what the knowledge base carries as snapshots.

    `local_only` asks snapshots and what was synced, and nobody by name, whatever nodes.toml allows.
    """
    from service.frequency.federation import Federation
    from service.frequency.federation_config import FederationConfig
    from service.frequency.nodes import load_gnomad, load_nodes

    shipped = knowledge.part("frequency")
    # The bundled entries are local snapshots: their addresses are the demo's and are not asked.
    bundled = tuple(dataclasses.replace(node, url="") for node in shipped.nodes if node.snapshot)
    nodes = bundled if settings.nodes is None else load_nodes(settings.nodes, settings.node_secrets)
    if local_only:
        nodes = tuple(dataclasses.replace(node, exact=False) for node in nodes)
    config = FederationConfig(
        nodes=nodes,
        gnomad=None if settings.nodes is None or local_only else load_gnomad(settings.nodes),
        canaries=shipped.canaries,
        ba1_exceptions=shipped.ba1_exceptions,
        synced=settings.state / "synced",
        deadline_s=settings.frequency_deadline_s,
    )

    return Federation(
        config,
        liftover=partial(counterpart, nomenclature.liftover),
        reference=nomenclature.reference,
        audit=memory.questions.add,
        write_audit=memory.questions.flush,
        shared_answers=memory.answers,
    )


def counterpart(liftover: "Liftover", variant: Variant, assembly: Assembly) -> Variant | None:
    """The variant on the other build, also where its alternate allele is the reference there.

    Sources of that build list such a change the other way round, and are asked for it so. None where neither
    allele is known to be the reference.
    """
    found = liftover.lift(variant, assembly)
    if isinstance(found, Variant):
        return found
    if len(variant.ref) != len(variant.alt):
        return None
    turned = liftover.lift(dataclasses.replace(variant, ref=variant.alt, alt=variant.ref), assembly)
    if not isinstance(turned, Variant):
        return None
    return dataclasses.replace(turned, ref=variant.ref, alt=variant.alt)


def shipped_canaries(settings: Settings) -> "tuple[Canary, ...]":
    """Known variants that nodes are tried with."""
    canaries: tuple[Canary, ...] = (
        open_knowledge(settings.knowledge, settings.imports).part("frequency").canaries
    )
    return canaries
