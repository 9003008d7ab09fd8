"""BCF as the VCF text that it encodes, read by htslib."""

import tempfile
from collections.abc import Iterator
from typing import BinaryIO

from service.errors import InvalidVcf
from service.files import storage_error

_RECORDS_AT_ONCE = 4096


def bcf_as_text(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks of VCF lines, the header's first.

    htslib reads from a copy without a name: no folder lists it, and it is gone with the process.

    Raises:
        InvalidVcf: htslib cannot read a record. StorageUnavailable: there is no room for the copy.
    """
    with tempfile.TemporaryFile(prefix="genomeward-") as copy:
        for chunk in chunks:
            _keep(copy, chunk)
        copy.seek(0)
        yield from _lines(copy)


def _keep(copy: BinaryIO, chunk: bytes) -> None:
    try:
        copy.write(chunk)
        copy.flush()
    except OSError as error:
        raise storage_error("the BCF file cannot be kept", error) from error


def _lines(copy: BinaryIO) -> Iterator[bytes]:
    import pysam  # only where a BCF is read

    verbosity = pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(copy) as content:
            yield str(content.header).encode()
            block: list[str] = []
            for record in content:
                block.append(str(record))
                if len(block) == _RECORDS_AT_ONCE:
                    yield "".join(block).encode()
                    block.clear()
            yield "".join(block).encode()
    except (OSError, ValueError) as error:
        # htslib's own words may quote the record.
        raise InvalidVcf("the BCF file is damaged or cut short; expected it whole") from error
    finally:
        pysam.set_verbosity(verbosity)
