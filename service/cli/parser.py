"""Commands and their options. A command's own module is imported only when it runs."""

import argparse
import importlib
from collections.abc import Callable

from service import __version__

EPILOG = """exit codes: 0 all succeeded, 1 some items failed and the output is complete, 2 could not run.
Results alone go to standard output. Patients' variants leave this machine only where nodes.toml says so."""


def _lazy(module: str, function: str = "run") -> Callable[[argparse.Namespace], int]:
    def call(options: argparse.Namespace) -> int:
        result: int = getattr(importlib.import_module(f"service.cli.{module}"), function)(options)
        return result

    return call


def _add_calling_options(parser: argparse.ArgumentParser) -> None:
    """Options that change what is read or called; the same for `interpret` and `batch`."""
    group = parser.add_argument_group("reading and calling")
    group.add_argument("--sample", metavar="ID", help="sample to read from a multi-sample file")
    group.add_argument("--assembly", metavar="GRCh38|GRCh37", help="needed where the file does not say")
    group.add_argument("--sex", metavar="female|male|unknown", help="for ploidy on X and Y (default unknown)")
    group.add_argument(
        "--accept-filtered", action="store_true", help="read records that did not pass their filters"
    )
    group.add_argument(
        "--assume-reference-for-missing",
        action="store_true",
        help="read missing pharmacogene positions as reference; said in every output",
    )
    group.add_argument(
        "--all-diplotypes", action="store_true", help="every pair that fits, not only the best"
    )
    group.add_argument("--combinations", action="store_true", help="combination and partial alleles")
    group.add_argument(
        "--call-cyp2d6",
        action="store_true",
        help="CYP2D6 from SNVs and indels alone: no copy number, no hybrids",
    )
    group.add_argument("--outside-calls", metavar="TSV", help="gene, diplotype, phenotype, activity score")
    group.add_argument("--pedigree", metavar="PED", help="family members in the same VCF")
    group.add_argument("--coverage", metavar="BED", help="regions that were covered")
    group.add_argument(
        "--criteria", metavar="TSV", help="ACMG/AMP criteria by variant: variant, criteria or code, strength"
    )
    group = parser.add_argument_group("the question")
    group.add_argument("--phenotypes", metavar="HP:...,...", help="HPO ids; !HP:... for an excluded one")
    group.add_argument(
        "--medications", metavar="RXNORM,...", help="medicines by RxNorm code, ATC code or name"
    )
    group.add_argument(
        "--medications-file", metavar="TSV", help="columns rxnorm, atc or name, and dose, route, start, end"
    )
    group.add_argument("--indication", metavar="GENE|MONDO,...", help="what the test was ordered for")
    group.add_argument("--carriers", action="store_true", help="report carrier states")
    group.add_argument(
        "--consent-secondary",
        metavar="yes|no|unknown",
        help="consent to secondary findings (default unknown: withheld)",
    )
    group.add_argument(
        "--nodes", metavar="FILE", help="frequency sources (nodes.toml) instead of the configured ones"
    )


def _add_line_input(parser: argparse.ArgumentParser, things: str) -> None:
    parser.add_argument("items", nargs="*", metavar=things, help="one or more, in order")
    parser.add_argument("--input", metavar="FILE", help="one per line; '-' reads standard input")


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(
        prog="genomeward",
        description="VCF in, HL7 FHIR Genomics Reporting and a readable report out: national frequencies,\n"
        "pharmacogenomics and rare disease, offline unless configured otherwise.\n"
        "`genomeward COMMAND --help` says more of each.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"genomeward {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    interpret = commands.add_parser(
        "interpret",
        help="VCFs to Bundle, findings, table or report",
        description="Interpret VCF files (4.1 to 4.5; plain, gzip, bgzip or BCF; '-' reads one VCF from "
        "standard input). One JSON line per file, in order, errors in place.",
        epilog="example: genomeward interpret patient.vcf.gz --medications 32968 --format findings",
    )
    interpret.add_argument("vcf", nargs="*", metavar="VCF", help="one or more files, or '-' for one VCF")
    interpret.add_argument(
        "--input", metavar="FILE", help="a list of VCF paths, one per line; '-' reads standard input"
    )
    interpret.add_argument("--patient", metavar="FHIR-JSON", help="FHIR Patient, or Bundle with Patient, "
                           "ServiceRequest and Specimen, for report and Bundle")  # fmt: skip
    interpret.add_argument("--format", choices=("bundle", "findings", "tsv", "report"), default="bundle",
                           help="default: bundle; report is an HTML page and takes one VCF")  # fmt: skip
    interpret.add_argument("--out", metavar="PATH", help="write here instead of standard output")
    _add_calling_options(interpret)
    interpret.set_defaults(run=_lazy("interpret"))

    batch = commands.add_parser(
        "batch",
        help="many samples from a manifest",
        description="Interpret every row of a manifest: tab-separated, with a header. The columns are "
        "sample_id and vcf, and any of the options below with underscores (sample, assembly, sex, "
        "outside_calls, phenotypes, medications, medications_file, indication, consent_secondary, ...) and "
        "patient; an option given here holds for rows that leave it empty. Paths in the manifest are "
        "relative to it. One bad sample never stops the others.",
        epilog="example: genomeward batch cohort.tsv --out results --workers 2 --resume",
    )
    batch.add_argument("manifest", metavar="MANIFEST.tsv", help="one row per sample")
    batch.add_argument(
        "--out",
        required=True,
        metavar="DIR",
        help="folder for <sample_id>/{bundle.json,findings.json,report.html}, summary.tsv and failures.tsv",
    )
    batch.add_argument("--workers", type=int, default=1, metavar="N", help="processes (default 1)")
    batch.add_argument("--resume", action="store_true", help="finish the rest; repeat only what changed")
    batch.add_argument(
        "--outputs",
        default="bundle,findings,report",
        metavar="bundle,findings,report",
        help="which of them to write (default all)",
    )
    _add_calling_options(batch)
    batch.set_defaults(run=_lazy("batch"))

    serve = commands.add_parser(
        "serve",
        help="the FHIR service",
        description="Serve POST /fhir/$interpret, reads of what was stored, /reports/{id} and /health until "
        "stopped. Results go to SQLite in GENOMEWARD_STATE, or to the PostgreSQL of GENOMEWARD_DATABASE_URL.",
        epilog="example: genomeward serve --port 8080 --workers 2",
    )
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help="default 127.0.0.1; any other than loopback needs GENOMEWARD_TOKENS",
    )
    serve.add_argument("--port", type=int, default=8080, help="default 8080")
    serve.add_argument("--workers", type=int, default=1, metavar="N", help="processes (default 1)")
    serve.set_defaults(run=_lazy("serve"))

    _add_knowledge(commands)
    _add_line_commands(commands)
    _add_classify(commands)
    _add_node(commands)

    results = commands.add_parser("results", help="stored results: release, delete, or expire them")
    actions = results.add_subparsers(metavar="ACTION", required=True)
    delete = actions.add_parser("delete", help="delete the stored results of a subject, or one by id")
    delete.add_argument("--subject", metavar="ID")
    delete.add_argument("--id", metavar="ID", help="id of a DiagnosticReport")
    delete.set_defaults(run=_lazy("results", "run_delete"))
    release = actions.add_parser("release", help="sign a stored result: its report becomes final")
    release.add_argument("--id", required=True, metavar="ID", help="id of a DiagnosticReport")
    release.add_argument("--name", required=True, metavar="NAME", help="who releases it")
    release.add_argument("--role", required=True, metavar="ROLE", help="as what")
    release.add_argument("--reason", metavar="TEXT", help="what changed since the version released before")
    release.set_defaults(run=_lazy("results", "run_release"))
    expire = actions.add_parser("expire", help="delete what is older than GENOMEWARD_RETENTION_DAYS")
    expire.set_defaults(run=_lazy("results", "run_expire"))

    openapi = commands.add_parser("openapi", help="the OpenAPI document and the findings schema")
    openapi.add_argument("--out", metavar="DIR", help="write openapi.json and findings.schema.json here")
    openapi.set_defaults(run=_lazy("openapi"))
    return parser


def _add_knowledge(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    knowledge = commands.add_parser("kb", help="the knowledge base: build, status, check, import")
    actions = knowledge.add_subparsers(metavar="ACTION", required=True)
    build = actions.add_parser("build", help="compile knowledgebase/ into one versioned artifact")
    build.add_argument("--content", metavar="DIR", help="curated content (default: this checkout's)")
    build.add_argument("--out", metavar="DIR", help="artifact folder (default: inside the package)")
    build.set_defaults(run=_lazy("knowledge", "run_build"))
    actions.add_parser("status", help="release, upstream versions and row counts").set_defaults(
        run=_lazy("knowledge", "run_status")
    )
    actions.add_parser("check", help="contradictions in the pharmacogene content").set_defaults(
        run=_lazy("knowledge", "run_check")
    )
    diff = actions.add_parser(
        "diff",
        help="what changed class between two releases",
        description="OLD and NEW are `shipped`, `current` (all in force), an imported ClinVar release as "
        "`kb status` names it, or an artifact's folder. One line per record that changed class or stars, was "
        "added or removed; counts on standard error.",
    )
    diff.add_argument("old", metavar="OLD")
    diff.add_argument("new", metavar="NEW")
    diff.add_argument("--format", choices=("jsonl", "table"), default="jsonl")
    diff.add_argument("--only", metavar="class,review,added,removed", help="print these alone; count all")
    diff.set_defaults(run=_lazy("knowledge", "run_diff"))
    imported = actions.add_parser(
        "import",
        help="bring in a published source",
        description="Bring a published source into use, over what is shipped. Until it is complete, what was "
        "in use stays in use; the release before is kept for `kb diff`. SOURCE is guidance (ClinPGx "
        "guideline annotations as JSON) or one that `kb sources` lists.",
        epilog="example: genomeward kb import clinvar clinvar.vcf.gz",
    )
    imported.add_argument("source", metavar="SOURCE")
    imported.add_argument("location", metavar="LOCATION", help="a file, a folder, or a URL")
    imported.add_argument("--release", metavar="LABEL", help="where the files do not say their release")
    imported.set_defaults(run=_lazy("knowledge", "run_import"))
    actions.add_parser(
        "sources", help="published sources that can be imported, and their files"
    ).set_defaults(run=_lazy("knowledge", "run_sources"))


def _add_line_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    describe = commands.add_parser("describe", help="any variant notation to HGVS, SPDI, VRS and consequence")
    _add_line_input(describe, "NOTATION")
    describe.add_argument("--parse-only", action="store_true", help="grammar alone, no reference needed")
    describe.add_argument("--assembly", metavar="GRCh38|GRCh37", help="of notations that do not say")
    describe.set_defaults(run=_lazy("lines", "run_describe"))
    frequency = commands.add_parser("frequency", help="what every configured source says of a variant")
    _add_line_input(frequency, "NOTATION")
    frequency.add_argument("--nodes", metavar="FILE", help="nodes.toml that replaces all configured sources")
    frequency.set_defaults(run=_lazy("lines", "run_frequency"))

    rank = commands.add_parser(
        "rank",
        help="phenopackets to ranked diseases and genes",
        description="Rank all diseases and genes by a patient's HPO terms: GA4GH phenopackets (one object a "
        "file, or JSON lines; '-' reads standard input). One JSON line each, in order, errors in place.",
        epilog="example: genomeward rank patient.json",
    )
    rank.add_argument("phenopackets", nargs="*", metavar="PHENOPACKET")
    rank.add_argument("--input", metavar="FILE", help="one phenopacket per line; '-' reads standard input")
    rank.add_argument("--vcf", metavar="VCF", help="the person's variants: combined with the phenotype")
    rank.add_argument("--sample", metavar="ID", help="of a multi-sample file (default: the subject's id)")
    rank.add_argument("--assembly", metavar="GRCh38|GRCh37", help="needed where the file does not say")
    rank.add_argument("--pedigree", metavar="PED", help="family members in the same VCF")
    rank.add_argument(
        "--consent-secondary",
        metavar="yes|no|unknown",
        help="consent to secondary findings (default unknown: withheld)",
    )
    rank.set_defaults(run=_lazy("rank"))


def _add_classify(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    classify = commands.add_parser(
        "classify",
        help="ACMG/AMP class of variants, with a verdict on each of the 28 criteria",
        description="One JSON object a line in, one out, in the same order. Keys: variant "
        "(12-102917130-T-C), assembly, gene, disease, inheritance, frequencies, scores, criteria, "
        "criteria_mode (only, add), mask_assertions, disease_parameters. With criteria the class rests on "
        "these alone, unless the mode is add. The shapes are in README under Classification.",
        epilog="example: genomeward classify --input variants.jsonl",
    )
    _add_line_input(classify, "VARIANT|JSON")
    classify.add_argument(
        "--scheme", default="points", metavar="points|richards-2015", help="how criteria combine"
    )
    classify.add_argument(
        "--likely-benign-at", type=int, default=-2, metavar="N", help="points from which likely benign (-2)"
    )
    classify.set_defaults(run=_lazy("lines", "run_classify"))


def _add_node(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    node = commands.add_parser("node", help="a national Beacon node: serve one, probe others")
    actions = node.add_subparsers(metavar="ACTION", required=True)
    serve = actions.add_parser("serve", help="Beacon v2 over a file of allele counts")
    serve.add_argument("--counts", required=True, metavar="FILE", help="TSV, VCF or BCF of allele counts")
    serve.add_argument("--country", required=True, metavar="CC", help="label of the cohort")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, required=True)
    serve.add_argument("--assembly", default="GRCh38")
    serve.add_argument(
        "--low-count", type=int, default=1, metavar="K", help="withhold counts below K (1: off)"
    )
    serve.add_argument("--budget", type=int, metavar="N", help="answers per client (default: unlimited)")
    serve.add_argument("--token", action="append", default=[], help="registered access by bearer token")
    serve.set_defaults(run=_lazy("node", "run_serve"))
    probe = actions.add_parser("probe", help="find a node's dialect from its answers, and write its profile")
    probe.add_argument("url", metavar="URL")
    probe.add_argument("--out", metavar="FILE", help="append the profile to this nodes.toml")
    probe.add_argument("--id", metavar="ID", help="of the entry (default the address's host)")
    probe.add_argument(
        "--country", metavar="CC", default="XX", help="of the entry (default XX, to be filled in)"
    )
    probe.add_argument(
        "--access",
        choices=("none", "basic", "bearer", "oauth2"),
        default="none",
        help="how the node knows us (none)",
    )
    probe.add_argument("--user", metavar="NAME", help="name for basic, client id for oauth2")
    probe.add_argument(
        "--secret-env",
        metavar="GENOMEWARD_NODE_...",
        help="environment variable that holds the password, the client's secret or the token",
    )
    probe.add_argument("--token-url", metavar="URL", help="where oauth2 grants tokens")
    probe.add_argument("--scope", metavar="TEXT", help="of the oauth2 token")
    probe.set_defaults(run=_lazy("node", "run_probe"))
    snapshot = actions.add_parser(
        "snapshot",
        help="compile a sites file (gnomAD's, a nation's, the hospital's own) into a local column store",
        description="Reads VCF, BCF or a TSV of counts, one file or one per chromosome in order. The store "
        "is then named as file of a [[snapshot]] in nodes.toml and answers without a network.",
    )
    snapshot.add_argument("sites", nargs="+", metavar="FILE", help="AC, AN, and nhomalt or AC_Hom and AC_Het")
    snapshot.add_argument("--out", required=True, metavar="FILE", help="the store to write, such as fi.gwc")
    snapshot.add_argument("--assembly", default="GRCh38", metavar="GRCh38|GRCh37")
    snapshot.add_argument("--dataset", metavar="NAME", help="named in answers (default the file's name)")
    snapshot.add_argument("--version", metavar="TEXT", help="dataset version (default a digest of the files)")
    snapshot.set_defaults(run=_lazy("node", "run_snapshot"))
    sync = actions.add_parser(
        "sync",
        help="fetch the ranges of all knowledge-base genes, so that patients' variants stay here",
        description="Asks nodes for gene ranges, the same for every patient; keeps the answers by dataset "
        "version. What is held of the present version is not fetched again; an interrupted sync goes on.",
    )
    sync.add_argument("names", nargs="*", metavar="NODE", help="ids of configured nodes (default all)")
    sync.add_argument("--nodes", metavar="FILE", help="nodes.toml instead of the configured one")
    sync.add_argument("--genes", metavar="A,B,...", default="", help="these genes only")
    sync.add_argument("--again", action="store_true", help="fetch anew what is held")
    sync.set_defaults(run=_lazy("node", "run_sync"))
