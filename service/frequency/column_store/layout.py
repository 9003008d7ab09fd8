"""Where a sites VCF keeps its counts: the keys of INFO by its header, groups included.

Source: headers of gnomAD's sites files (v2.1 to v4.1 `AC_afr`; v3.1 `AC-afr`; joint file of v4.1
`AC_joint_afr`).
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from service.frequency.bcf import open_gzip
from service.frequency.count_files import ANCESTRIES, COUNT_KEYS, SEX_KEYS

# Magic and length of the header of a BCF: as long as `##filefo`.
_BCF_HEAD = 9
_ID = re.compile(rb"##INFO=<ID=([^,>]+)")


@dataclass(frozen=True, slots=True)
class Layout:
    """`groups` are gnomAD's ids (and XX, XY), `keys` the key of every count as spelled -> our name."""

    groups: tuple[str, ...] = ()
    keys: dict[bytes, bytes] = field(
        default_factory=lambda: {key.encode(): key.encode() for key in COUNT_KEYS}, hash=False
    )
    pattern: "re.Pattern[bytes]" = field(init=False, hash=False, compare=False)

    def __post_init__(self) -> None:
        spelled = b"|".join(re.escape(key) for key in sorted(self.keys, key=len, reverse=True))
        object.__setattr__(self, "pattern", re.compile(rb"(?<=[\t;])(" + spelled + rb")=([^;\t\r]*)"))

    def counts_in(self, content: bytes, start: int, end: int) -> dict[bytes, bytes]:
        """The counts of one record's INFO, by our names."""
        found = self.pattern.findall(content, start, end)
        if not self.groups and not _renames(self.keys):
            return dict(found)
        return {self.keys[key]: text for key, text in found}

    def group_counts(self, info: dict[bytes, bytes], alleles: int) -> list[tuple[int, ...]]:
        """AC and AN of each group, per allele. Raises ValueError; a group without counts has 0 of 0."""
        columns: list[list[int]] = []
        for group in self.groups:
            name = group.encode()
            counts = info.get(b"AC " + name, b"").replace(b".", b"0").split(b",")
            number = int(info.get(b"AN " + name) or 0)
            if len(counts) != alleles:
                counts, number = [b"0"] * alleles, 0
            columns += [[int(text or 0) for text in counts], [number] * alleles]
        return list(zip(*columns, strict=True))


def _renames(keys: dict[bytes, bytes]) -> bool:
    return b"AC" not in keys


def layout_of(path: Path) -> Layout:
    """The layout that the header of a VCF or BCF states; the plain one for a TSV."""
    ids = _info_ids(path)
    suffix = "" if "AC" in ids or "AC_joint" not in ids else "_joint"
    keys = {f"{key}{suffix}".encode(): key.encode() for key in COUNT_KEYS}
    groups = []
    names = {group: group for group in ANCESTRIES} | {
        pair[n]: s for pair in SEX_KEYS for n, s in ((0, "XX"), (1, "XY"))
    }
    for spelled, group in names.items():
        for separator in "_-":
            key = f"{suffix}{separator}{spelled}"
            if {f"AC{key}", f"AN{key}"} <= ids and group not in groups:
                groups.append(group)
                keys |= {f"{count}{key}".encode(): f"{count} {group}".encode() for count in ("AC", "AN")}
    return Layout(tuple(groups), keys)


def _info_ids(path: Path) -> set[str]:
    with path.open("rb") as raw:
        compressed = raw.read(2) == b"\x1f\x8b"
    ids = set()
    with open_gzip(path) if compressed else path.open("rb") as stream:
        magic = stream.read(_BCF_HEAD)
        rest = b"" if magic.startswith(b"BCF") else magic
        while (line := rest + stream.readline()).startswith(b"##"):
            rest = b""
            if found := _ID.match(line):
                ids.add(found[1].decode("ascii", "replace"))
    return ids
