"""`make demo`: four national nodes on loopback, one of which fails; every example patient interpreted.

Leaves bundle.json, findings.json and report.html per patient under `out/`, and no process running.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

if TYPE_CHECKING:
    from service.domain.findings import Findings, VariantFinding
    from service.domain.frequency import SourceAnswer
    from service.domain.pgx import PharmacogeneCall, Recommendation

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
COUNTRIES = ("GB", "FI", "ES", "IT")
FAILING = "IT"
ACTIONABLE = {
    "avoid": "bold red",
    "use-alternative": "yellow",
    "reduce-dose": "yellow",
    "increase-dose": "yellow",
}


@dataclass(frozen=True, slots=True)
class Node:
    """A running national node."""

    country: str
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def national_nodes() -> Iterator[list[Node]]:
    """The four nodes, answering; stopped afterwards whatever happens."""
    nodes: list[Node] = []
    try:
        for country in COUNTRIES:
            port = free_port()
            counts = ROOT / "knowledgebase" / "frequency" / "demo" / f"{country}.tsv"
            command = [sys.executable, "-m", "service.cli", "node", "serve", "--counts", str(counts)]
            process = subprocess.Popen(
                [*command, "--country", country, "--port", str(port)],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            nodes.append(Node(country, port, process))
        for node in nodes:
            wait_until_it_answers(node)
        yield nodes
    finally:
        for node in nodes:
            node.process.terminate()
        for node in nodes:
            try:
                node.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                node.process.kill()
                node.process.wait()


def wait_until_it_answers(node: Node, patience_s: float = 60.0) -> None:
    """Returns once the node's info answers."""
    give_up = time.monotonic() + patience_s
    while True:
        try:
            with urllib.request.urlopen(f"{node.url}/info", timeout=2):  # noqa: S310 - loopback
                return
        except (urllib.error.URLError, OSError):
            if node.process.poll() is not None or time.monotonic() > give_up:
                raise SystemExit(f"the {node.country} node did not start") from None
            time.sleep(0.1)


def nodes_file(nodes: list[Node], folder: Path) -> Path:
    """A nodes.toml for these nodes. Exact questions are allowed because the nodes are on this machine."""
    path = folder / "nodes.toml"
    path.write_text(
        "".join(
            f'[[node]]\nid = "{n.country}"\ncountry = "{n.country}"\nurl = "{n.url}"\nexact = "allowed"\n\n'
            for n in nodes
        ),
        "utf-8",
    )
    return path


def main() -> int:
    """Run the demo."""
    console = Console()
    os.environ.setdefault("GENOMEWARD_STATE", str(ROOT / "out" / ".state"))
    from service.batch.manifest import read_manifest
    from service.batch.task import request_of
    from service.bootstrap import open_genomeward, prepare_knowledge, with_nodes
    from service.files import write_whole
    from service.settings import read_settings

    settings = read_settings()
    with console.status("building the knowledge base"):
        release = prepare_knowledge(settings)
    console.print(f"[bold]genomeward[/]  knowledge {release}")
    tasks, refused = read_manifest(HERE / "manifest.tsv", {}, {})
    if refused:
        raise SystemExit(f"examples/manifest.tsv, line {refused[0].line}: {refused[0].reason}")
    with tempfile.TemporaryDirectory() as folder:
        with console.status("starting four national nodes on loopback"):
            running = national_nodes()
            nodes = running.__enter__()
        try:
            with open_genomeward(with_nodes(settings, str(nodes_file(nodes, Path(folder))))) as genomeward:
                failing = next(node for node in nodes if node.country == FAILING)
                failing.process.kill()
                failing.process.wait()
                others = ", ".join(c for c in COUNTRIES if c != FAILING)
                console.print(f"nodes {others} answer; {FAILING} was made to fail\n")
                for task in tasks:
                    started = time.perf_counter()
                    findings = genomeward.interpret_path(task.vcf, request_of(task))
                    elapsed_ms = 1000 * (time.perf_counter() - started)
                    for output, name in OUTPUTS.items():
                        write_whole(
                            ROOT / "out" / task.sample_id / name, genomeward.project(output, findings)
                        )
                    console.print(patient_panel(task.sample_id, findings, elapsed_ms))
        finally:
            running.__exit__(None, None, None)
    console.print("\nresults are in [bold]out/[/]: open out/*/report.html; all nodes are stopped")
    return 0


OUTPUTS = {"bundle": "bundle.json", "findings": "findings.json", "report": "report.html"}


def said_once(recommendations: "Iterable[Recommendation]") -> "dict[tuple[str, str, str, str], list[str]]":
    """(drug, action, text, basis) to whom it is for and how strongly, in order."""
    from service.report.wording import POPULATION

    said: dict[tuple[str, str, str, str], list[str]] = {}
    for advice in recommendations:
        whom = POPULATION.get(advice.population, advice.population)
        basis = ", ".join(f"{gene} {value}" for gene, value in advice.basis.items())
        said.setdefault((advice.drug, advice.action, advice.text or "", basis), []).append(
            f"{whom}: {advice.strength.lower()}"
        )
    return said


def told_variants(findings: "Findings") -> "list[VariantFinding]":
    """Variants that a statement rests on, then those of genes that speak of a medicine taken; three at
    most."""
    stated = {spdi for statement in findings.diagnoses for spdi in statement.variants}
    genes = {gene for r in findings.recommendations if r.current_medication for gene in r.genes}
    told = [v for v in findings.variants if v.description.spdi in stated]
    told += [v for v in findings.variants if v not in told and v.description.gene in genes]
    return told[:3]


def frequency_words(answer: "SourceAnswer") -> str:
    """What one country said: counts with their share, or the kind of silence."""
    counts = answer.frequency
    if counts is None:
        silence = {"NOT_LISTED": "not listed", "FAILED": "[red]no answer[/]"}
        return f"{answer.country} {silence.get(answer.outcome.value, answer.outcome.value.lower())}"
    return f"{answer.country} {counts.allele_count}/{counts.allele_number} {counts.value:.1%}"


def result_words(call: "PharmacogeneCall") -> str:
    """A gene with its pairs; one that is twice the same allele and no star is named once."""
    pairs = []
    for pair in call.diplotypes:
        first, _, second = pair.name.partition("/")
        pairs.append(f"{first}, twice" if first == second and not first.startswith("*") else pair.name)
    return f"[bold]{call.gene}[/] {' or '.join(pairs) or ', '.join(call.haplotypes)}"


def patient_panel(sample_id: str, findings: "Findings", elapsed_ms: float) -> Panel:
    """What a person wants to know first: what to do, which genes, which variants, who answered."""
    from service.report.genes import gene_groups

    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    current = [r for r in findings.recommendations if r.current_medication]
    for (drug, action, text, basis), populations in said_once(current).items():
        style = ACTIONABLE.get(action, "green")
        why = " · ".join((basis, *populations) if basis else populations)
        table.add_row("now", f"[{style}]{drug}: {action.replace('-', ' ')}[/]\n{text}\n[dim]{why}[/]\n")
    for statement in findings.diagnoses:
        head = f"[bold magenta]{statement.gene}: {statement.statement}[/]"
        table.add_row("finding", f"{head}\n{statement.text}\n")
    for variant in told_variants(findings):
        answers = "  ".join(frequency_words(answer) for answer in variant.frequencies.answers)
        table.add_row(
            "variant", f"{variant.description.label}, {variant.call.zygosity.value}\n[dim]{answers}[/]"
        )
    if findings.diagnoses or current:
        table.add_row("", "")
    called = [c for c in findings.pharmacogenes if c.diplotypes or c.haplotypes]
    plain = {row.gene for group in gene_groups(findings) if group.group == "normal" for row in group.genes}
    if told := [result_words(call) for call in called if call.gene not in plain]:
        table.add_row("genes", "; ".join(told))
    if plain:
        table.add_row("normal", f"{', '.join(sorted(plain))} [dim](or no variant found)[/]")
    if silent := [c.gene for c in findings.pharmacogenes if not c.diplotypes and not c.haplotypes]:
        table.add_row("no answer", f"{', '.join(silent)} [dim](not called is not normal)[/]")
    if not current and not findings.diagnoses:
        table.add_row("", "\nNo medicine was named and no question asked; the report says what was read.")
    return Panel(table, title=f"[bold]{sample_id}[/]", subtitle=f"{elapsed_ms:.0f} ms", title_align="left")


if __name__ == "__main__":
    sys.exit(main())
