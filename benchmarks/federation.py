"""Figures of the federation, each beside its limit.

Run: python benchmarks/federation.py
* 1,000 candidate variants against 5 synced nodes: CPU of one `ask` without any network, at most 50 ms, in a
  service that has interpreted another patient before (files read, SciPy loaded).
* 30 nodes that answer after 200 ms: time of `ask` above the slowest node, p95 at most 20 ms.
"""

import asyncio
import gc
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson

from service.domain.assembly import Assembly
from service.domain.frequency import AlleleFrequency, Outcome, SourceAnswer
from service.domain.frequency_sources import Canary, Dialect, NodeEntry
from service.domain.variant import Variant
from service.frequency.federation import Federation
from service.frequency.federation_config import FederationConfig
from service.frequency.synced_lines import Key
from service.frequency.synced_store import SyncedManifest, packed, write_synced

CANDIDATES, SYNCED_NODES, CPU_LIMIT_MS = 1_000, 5, 50.0
NODES, DELAY_S, ROUNDS, OVERHEAD_LIMIT_MS = 30, 0.2, 40, 20.0
SPAN = 200_000
CANARY = Variant(Assembly.GRCH38, "10", 94_781_858, "G", "A")


def candidates(seed: int) -> list[Variant]:
    """One patient's rare variants of one chromosome."""
    draw = random.Random(seed)
    places = sorted(draw.sample(range(SPAN), CANDIDATES))
    return [Variant(Assembly.GRCH38, "1", place, "A", draw.choice("CGT")) for place in places]


def synced_folder(root: Path, variants: list[Variant]) -> tuple[NodeEntry, ...]:
    """Five nodes with what they know of the candidates: a third listed, counts as rare variants have them."""
    draw = random.Random(7)
    nodes = []
    for number in range(SYNCED_NODES):
        entry = NodeEntry(f"node{number}", f"C{number}", "http://127.0.0.1:1")
        rows: dict[Key, SourceAnswer] = {}
        for variant in variants:
            if draw.random() < 1 / 3:
                count = int(draw.paretovariate(1)) - 1
                frequency = AlleleFrequency(min(count, 2000), 20_000 + 2 * number)
                outcome = Outcome.OBSERVED if count else Outcome.CALLED_ABSENT
                rows["1", variant.start, variant.ref, variant.alt] = SourceAnswer(
                    entry.id, entry.country, outcome, frequency
                )
        manifest = SyncedManifest(
            entry.id, "GRCh38", "v1", "2026-01-01T00:00:00+00:00", (("G", "1", 0, SPAN),), len(rows)
        )
        write_synced(root, manifest, (packed(key, answer) for key, answer in rows.items()))
        nodes.append(entry)
    return tuple(nodes)


def synced_cpu_ms() -> float:
    """CPU of one ask about variants never asked about before."""
    with tempfile.TemporaryDirectory() as folder:
        before, variants = candidates(1), candidates(2)
        nodes = synced_folder(Path(folder), before + variants)
        with Federation(FederationConfig(nodes, synced=Path(folder))) as federation:
            federation.ask(before)
            gc.freeze()  # as `open_genomeward` does with what is loaded
            began = time.process_time()
            found = federation.ask(variants)
            spent = (time.process_time() - began) * 1000
            assert len(found.answers) == CANDIDATES
            assert not federation._loop.started
    return spent


BODY = orjson.dumps(
    {
        "responseSummary": {"exists": True},
        "response": {
            "resultSets": [
                {
                    "id": "d",
                    "results": [
                        {
                            "variation": {
                                "location": {"interval": {"start": {"value": CANARY.start}}},
                                "referenceBases": "G",
                                "alternateBases": "A",
                            },
                            "frequencyInPopulations": [
                                {
                                    "frequencies": [
                                        {"population": "Total", "alleleCount": 43, "alleleNumber": 198}
                                    ]
                                }
                            ],
                        }
                    ],
                }
            ]
        },
    }
)
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(BODY), BODY)


class DelayedNode(asyncio.Protocol):
    """Lists the canary, a fixed time after each question; does nothing else, to measure the client."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.pending = b""

    def data_received(self, data: bytes) -> None:
        """Answer every complete question; one question is outstanding on a connection."""
        self.pending += data
        head, found, body = self.pending.partition(b"\r\n\r\n")
        if not found:
            return
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        if len(body) < length:
            return
        self.pending = b""
        asyncio.get_running_loop().call_later(DELAY_S, self.transport.write, ANSWER)


def overhead_ms() -> tuple[float, float]:
    """Median and p95 of the time that `ask` takes above the nodes' own delay, warm, nothing kept."""
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        # One process stands in for thirty nodes, each under its own name and connection pool.
        nodes = tuple(
            NodeEntry(f"n{number}", "XX", f"http://127.0.0.1:{port}/{number}", exact=True, dialect=Dialect())
            for number in range(NODES)
        )
        canaries = (Canary("snv", "canary", CANARY, CANARY),)
        with Federation(FederationConfig(nodes, canaries)) as federation:
            federation.prepare(10)
            federation.ask([CANARY])
            gc.freeze()  # as `open_genomeward` does with what is loaded
            took = []
            for _ in range(ROUNDS):
                federation._cache._answers.clear()
                began = time.perf_counter()
                federation.ask([CANARY])
                took.append((time.perf_counter() - began - DELAY_S) * 1000)
                time.sleep(DELAY_S / 2)  # the canaries of this round come home
    finally:
        server.kill()
        server.wait()
    return statistics.median(took), statistics.quantiles(took, n=20)[18]


def serve() -> None:
    """The delayed nodes, on a free port that is printed."""

    async def forever() -> None:
        server = await asyncio.get_running_loop().create_server(DelayedNode, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(forever())


def main() -> int:
    """Print both figures; 1 when one misses its limit."""
    cpu = synced_cpu_ms()
    print(f"1,000 variants, 5 synced nodes: {cpu:.1f} ms CPU (limit {CPU_LIMIT_MS:g})")
    median, p95 = overhead_ms()
    print(f"30 nodes: overhead median {median:.1f} ms, p95 {p95:.1f} ms (limit {OVERHEAD_LIMIT_MS:g})")
    return int(cpu > CPU_LIMIT_MS or p95 > OVERHEAD_LIMIT_MS)


if __name__ == "__main__":
    if "--serve" in sys.argv:
        serve()
    else:
        sys.exit(main())
