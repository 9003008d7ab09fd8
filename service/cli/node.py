"""`genomeward node`: serve a national node, probe one, sync those that are configured."""

import argparse
from pathlib import Path
from urllib.parse import urlsplit

from service.cli.serve import is_loopback
from service.domain.assembly import Assembly
from service.domain.frequency_sources import node_access
from service.errors import ConfigurationError, InvalidOption
from service.settings import read_settings


def run_serve(options: argparse.Namespace) -> int:
    """Serve allele counts until stopped."""
    from service.bootstrap import reference_bases
    from service.node.app import NodeOptions
    from service.node.serve import serve

    if not is_loopback(options.host) and not options.token:
        raise ConfigurationError(
            f"other machines can reach {options.host}; give --token, or serve on 127.0.0.1", where="--host"
        )
    counts = Path(options.counts)
    if not counts.is_file():
        raise InvalidOption(f"no such file: {counts.name}", where="--counts")
    assembly = _assembly(options.assembly)
    node = NodeOptions(
        country=options.country,
        assembly=assembly,
        low_count=options.low_count,
        budget=options.budget,
        tokens=frozenset(options.token),
        base_url=f"http://{options.host}:{options.port}/api",
    )
    reference = reference_bases(read_settings(), assembly)
    serve(counts, node, host=options.host, port=options.port, reference=reference)
    return 0


def _host(url: str) -> str:
    """Host and port of an address, as a node's id."""
    try:
        address = urlsplit(url)
        host, port = address.hostname, address.port
        if address.username or address.password:
            raise InvalidOption("credentials never go into an address; see --access", where="URL")
    except ValueError:
        host, port = None, None
    if not host or not url.startswith(("http://", "https://")):
        raise InvalidOption(f"expected an http or https address, read {url[:60]!r}", where="URL")
    return f"{host}-{port}" if port else host


def run_probe(options: argparse.Namespace) -> int:
    """Find a node's dialect by asking for canaries alone; print or append its profile."""
    from service.bootstrap import shipped_canaries
    from service.cli.output import write_result
    from service.frequency.dialect import profile_toml
    from service.frequency.probing import probe

    name = options.id or _host(options.url)
    settings = read_settings()
    table = _access_table(options)
    try:
        access = node_access(table, settings.node_secrets)
    except ValueError as error:
        raise InvalidOption(str(error), where="--access") from error
    found = probe(
        options.url, shipped_canaries(settings), node_id=name, country=options.country, access=access
    )
    profile = profile_toml(found, table)
    if options.out is None:
        write_result(profile.encode(), None)
        return 0
    path = Path(options.out)
    known = path.read_text("utf-8") if path.exists() else ""
    write_result(f"{known}{profile}".encode(), options.out)
    return 0


def _access_table(options: argparse.Namespace) -> dict[str, str]:
    """The credentials as nodes.toml names them; empty without any."""
    if options.access == "none":
        return {}
    given = {
        "kind": options.access,
        "user": options.user,
        "secret": f"env:{options.secret_env}" if options.secret_env else None,
        "token_url": options.token_url,
        "scope": options.scope,
    }
    return {key: text for key, text in given.items() if text}


def _assembly(text: str) -> Assembly:
    try:
        return Assembly(text)
    except ValueError:
        raise InvalidOption(f"read {text!r}; expected GRCh38 or GRCh37", where="--assembly") from None


def run_snapshot(options: argparse.Namespace) -> int:
    """Compile files of counts into a column store; one JSON line says what is in it."""
    import json

    from service.cli.output import write_result
    from service.frequency.column_store.build import build_store, digest_of

    files = [Path(name) for name in options.sites]
    missing = [path.name for path in files if not path.is_file()]
    if missing:
        raise InvalidOption(f"no such file: {', '.join(missing)}", where="FILE")
    version = options.version or digest_of(files)
    dataset = options.dataset or files[0].name
    report = build_store(
        files, Path(options.out), assembly=_assembly(options.assembly), dataset=dataset, version=version
    )
    row = {
        "store": options.out,
        "dataset": dataset,
        "version": version,
        "alleles": report.sites,
        "filtered": report.filtered,
        "without_counts": report.without_counts,
        "repeated": report.repeated,
        "contradictory": report.contradictory,
    }
    write_result(json.dumps(row).encode("ascii") + b"\n", None)
    return 0


def run_sync(options: argparse.Namespace) -> int:
    """Fetch gene ranges into the state folder; one JSON line per node, exit 1 where something is missing."""
    import json

    from service.bootstrap import open_genomeward, with_nodes
    from service.cli.output import write_result
    from service.cli.progress import fraction

    genes = [gene for gene in options.genes.split(",") if gene]
    failed = False
    with (
        open_genomeward(with_nodes(read_settings(), options.nodes)) as genomeward,
        fraction("genes") as progress,
    ):
        for row in genomeward.sync_nodes(options.names, genes, again=options.again, progress=progress):
            failed |= bool(row.get("error") or row.get("failures"))
            write_result(json.dumps(row).encode("ascii") + b"\n", None)
    return 1 if failed else 0
