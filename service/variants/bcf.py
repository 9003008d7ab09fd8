"""BCF as the VCF text that it encodes, read by htslib."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from service.errors import InvalidVcf

_RECORDS_AT_ONCE = 4096


def bcf_as_text(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks of VCF lines, the header's first. Raises InvalidVcf where htslib cannot read a record."""
    with tempfile.TemporaryDirectory(prefix="genomeward-") as folder:
        path = Path(folder) / "input.bcf"
        with path.open("wb") as copy:
            for chunk in chunks:
                copy.write(chunk)
        yield from _lines(path)


def _lines(path: Path) -> Iterator[bytes]:
    import pysam  # only where a BCF is read

    verbosity = pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(str(path)) as content:
            yield str(content.header).encode()
            block: list[str] = []
            for record in content:
                block.append(str(record))
                if len(block) == _RECORDS_AT_ONCE:
                    yield "".join(block).encode()
                    block.clear()
            yield "".join(block).encode()
    except (OSError, ValueError) as error:
        # htslib's own words name the temporary copy, and may quote the record.
        raise InvalidVcf("the BCF file is damaged or cut short; expected it whole") from error
    finally:
        pysam.set_verbosity(verbosity)
