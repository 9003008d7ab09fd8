"""Every environment variable, read once into one frozen Settings. Nothing below sees the environment."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from service.domain.assembly import Assembly
from service.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Settings:
    """What a deployment decides. Every default keeps patients' data at home."""

    knowledge: Path | None = None  # GENOMEWARD_KNOWLEDGE: the compiled artifact
    state: Path = Path("genomeward-state")  # GENOMEWARD_STATE: database, synced frequencies, imports
    database_url: str | None = None  # GENOMEWARD_DATABASE_URL: SQLAlchemy URL; SQLite under `state` if unset
    nodes: Path | None = None  # GENOMEWARD_NODES: nodes.toml; none configured means no network
    node_secrets: Mapping[str, str] = field(
        default_factory=dict, repr=False, hash=False
    )  # GENOMEWARD_NODE_...: credentials that nodes.toml names as env:GENOMEWARD_NODE_...
    share_answers: bool = True  # whether frequency answers are kept in the database for other processes
    id_key: bytes = field(default=b"", repr=False)  # GENOMEWARD_ID_KEY: secret for resource ids
    tokens: tuple[str, ...] = field(
        default=(), repr=False
    )  # GENOMEWARD_TOKENS: bearer tokens, comma separated
    upload_limit_bytes: int = 2 * 1024**3  # GENOMEWARD_UPLOAD_LIMIT_BYTES
    retention_days: int | None = None  # GENOMEWARD_RETENTION_DAYS: stored results are deleted after this
    frequency_deadline_s: float = 5.0  # GENOMEWARD_FREQUENCY_DEADLINE_S
    reference_fasta: Path | None = None  # GENOMEWARD_REFERENCE_FASTA: indexed GRCh38
    # Chain files in UCSC's form, plain or gzip, such as hg19ToHg38.over.chain.gz; each replaces the shipped
    # alignment of its direction, and what does not come back by the other direction is refused.
    chain_37_to_38: Path | None = None  # GENOMEWARD_CHAIN_37_TO_38
    chain_38_to_37: Path | None = None  # GENOMEWARD_CHAIN_38_TO_37
    uta_url: str | None = field(
        default=None, repr=False
    )  # GENOMEWARD_UTA_URL: postgresql://user:password@host/database/schema; asked first for transcripts
    seqrepo: Path | None = None  # GENOMEWARD_SEQREPO: folder of a SeqRepo; its sequences come first
    regulatory_status: str = "research"  # GENOMEWARD_REGULATORY_STATUS: research | in-house | ce
    laboratory: str = ""  # GENOMEWARD_LABORATORY: name on the report
    # GENOMEWARD_SCORE_NAMES: predictors by INFO key, such as `REVEL=MY_REVEL,SpliceAI=SAI`; key -> predictor
    score_names: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def imports(self) -> Path:
        """Where imported knowledge releases lie."""
        return self.state / "knowledge"

    @property
    def chains(self) -> dict[Assembly, tuple[str, Path]]:
        """Name of the setting and chain file by the assembly that it leads from."""
        named = {
            Assembly.GRCH37: ("GENOMEWARD_CHAIN_37_TO_38", self.chain_37_to_38),
            Assembly.GRCH38: ("GENOMEWARD_CHAIN_38_TO_37", self.chain_38_to_37),
        }
        return {source: (name, path) for source, (name, path) in named.items() if path is not None}

    def __post_init__(self) -> None:
        if self.regulatory_status not in {"research", "in-house", "ce"}:
            raise ConfigurationError(
                f"regulatory status {self.regulatory_status!r}; expected research, in-house or ce",
                where="GENOMEWARD_REGULATORY_STATUS",
            )


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name)
    if text is None:
        return default
    try:
        return float(text)
    except ValueError as error:
        raise ConfigurationError(f"expected a number, read {text!r}", where=name) from error


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    return Path(environment[name]) if environment.get(name) else None


def _id_key(environment: Mapping[str, str], state: Path) -> bytes:
    """The configured key, or one made once and kept beside the database, readable by its owner only.

    Raises ConfigurationError where either is too short to be a secret.
    """
    if (configured := environment.get("GENOMEWARD_ID_KEY")) is not None:
        return _long_enough(configured.encode(), "GENOMEWARD_ID_KEY")
    path = state / "id.key"
    if path.is_file():
        return _long_enough(path.read_bytes(), "id.key in the state folder")
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(prefix=".id.key.", dir=state)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(secrets.token_bytes(32))
        # Under its name only once it is whole, and never over the key that another worker made first.
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
    return path.read_bytes()


def _long_enough(key: bytes, where: str) -> bytes:
    from service.fhir.identity import MINIMUM_KEY_BYTES

    if len(key) < MINIMUM_KEY_BYTES:
        raise ConfigurationError(
            f"the key for resource ids has {len(key)} bytes; at least {MINIMUM_KEY_BYTES} are needed",
            where=where,
        )
    return key


def default_state(environment: Mapping[str, str]) -> Path:
    """Where results live unless configured: the user's data folder (XDG Base Directory)."""
    base = environment.get("XDG_DATA_HOME") or str(Path(environment.get("HOME", ".")) / ".local" / "share")
    return Path(base) / "genomeward"


def _score_names(text: str) -> dict[str, str]:
    """Predictors by INFO key, lower case.

    >>> _score_names("REVEL=MY_REVEL")
    {'my_revel': 'REVEL'}
    """
    from service.raredisease.scores import predictor_of

    where, found = "GENOMEWARD_SCORE_NAMES", {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, _, key = (piece.strip() for piece in part.partition("="))
        predictor = predictor_of(name)
        if predictor is None or not key:
            raise ConfigurationError("expected predictor=INFO key, such as REVEL=MY_REVEL", where=where)
        found[key.lower()] = predictor
    return found


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment. Raises ConfigurationError naming the variable."""
    env = os.environ if environment is None else environment
    state = _path(env, "GENOMEWARD_STATE") or default_state(env)
    retention = env.get("GENOMEWARD_RETENTION_DAYS")
    return Settings(
        knowledge=_path(env, "GENOMEWARD_KNOWLEDGE"),
        state=state,
        database_url=env.get("GENOMEWARD_DATABASE_URL"),
        nodes=_path(env, "GENOMEWARD_NODES"),
        node_secrets={
            name: value for name, value in env.items() if name.startswith("GENOMEWARD_NODE_") and value
        },
        id_key=_id_key(env, state),
        tokens=tuple(filter(None, map(str.strip, env.get("GENOMEWARD_TOKENS", "").split(",")))),
        upload_limit_bytes=int(_number(env, "GENOMEWARD_UPLOAD_LIMIT_BYTES", 2 * 1024**3)),
        retention_days=int(_number(env, "GENOMEWARD_RETENTION_DAYS", 0)) if retention else None,
        frequency_deadline_s=_number(env, "GENOMEWARD_FREQUENCY_DEADLINE_S", 5.0),
        reference_fasta=_path(env, "GENOMEWARD_REFERENCE_FASTA"),
        chain_37_to_38=_path(env, "GENOMEWARD_CHAIN_37_TO_38"),
        chain_38_to_37=_path(env, "GENOMEWARD_CHAIN_38_TO_37"),
        uta_url=env.get("GENOMEWARD_UTA_URL") or None,
        seqrepo=_path(env, "GENOMEWARD_SEQREPO"),
        regulatory_status=env.get("GENOMEWARD_REGULATORY_STATUS", "research"),
        laboratory=env.get("GENOMEWARD_LABORATORY", ""),
        score_names=_score_names(env.get("GENOMEWARD_SCORE_NAMES", "")),
    )
