"""GA4GH Variation Representation Specification 2.0: allele identifiers, computed by the standard's digest."""

from binascii import b2a_base64
from functools import lru_cache
from hashlib import sha512

# Refget accessions of the GRCh38 chromosomes and of the revised mitochondrial sequence.
# Source: GA4GH refget digests of NC_000001.11 to NC_000024.10 and NC_012920.1.
REFGET = {
    "1": "SQ.Ya6Rs7DHhDeg7YaOSg1EoNi3U_nQ9SvO",
    "2": "SQ.pnAqCRBrTsUoBghSD1yp_jXWSmlbdh4g",
    "3": "SQ.Zu7h9AggXxhTaGVsy7h_EZSChSZGcmgX",
    "4": "SQ.HxuclGHh0XCDuF8x6yQrpHUBL7ZntAHc",
    "5": "SQ.aUiQCzCPZ2d0csHbMSbh2NzInhonSXwI",
    "6": "SQ.0iKlIQk2oZLoeOG9P1riRU6hvL5Ux8TV",
    "7": "SQ.F-LrLMe1SRpfUZHkQmvkVKFEGaoDeHul",
    "8": "SQ.209Z7zJ-mFypBEWLk4rNC6S_OxY5p7bs",
    "9": "SQ.KEO-4XBcm1cxeo_DIQ8_ofqGUkp4iZhI",
    "10": "SQ.ss8r_wB0-b9r44TQTMmVTI92884QvBiB",
    "11": "SQ.2NkFm8HK88MqeNkCgj78KidCAXgnsfV1",
    "12": "SQ.6wlJpONE3oNb4D69ULmEXhqyDZ4vwNfl",
    "13": "SQ._0wi-qoDrvram155UmcSC-zA5ZK4fpLT",
    "14": "SQ.eK4D2MosgK_ivBkgi6FVPg5UXs1bYESm",
    "15": "SQ.AsXvWL1-2i5U_buw6_niVIxD6zTbAuS6",
    "16": "SQ.yC_0RBj3fgBlvgyAuycbzdubtLxq-rE0",
    "17": "SQ.dLZ15tNO1Ur0IcGjwc3Sdi_0A6Yf4zm7",
    "18": "SQ.vWwFhJ5lQDMhh-czg06YtlWqu0lvFAZV",
    "19": "SQ.IIB53T8CNeJJdUqzn9V_JnRtQadwWCbl",
    "20": "SQ.-A1QmD_MatoqxvgVxBLZTONHz9-c7nQo",
    "21": "SQ.5ZUqxCmDDgN4xTRbaSjN8LwgZironmB8",
    "22": "SQ.7B7SHsmchAR0dFcDCuSFjJAo7tX87krQ",
    "X": "SQ.w0WZEvgJF0zf_P4yyTzjjv9oW1z61HHP",
    "Y": "SQ.8_liLu1aycC0tPQPFmUaGXJLDs5SbPZ5",
    "MT": "SQ.k3grVkjY-hoWcCUojHw6VU6GE3MZ8Sct",
}

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def sha512t24u(blob: bytes) -> str:
    """GA4GH's truncated digest: the first 24 bytes of SHA-512, base64url.

    >>> sha512t24u(b"ACGT")
    'aKF498dAxcJAqme6QYQ7EZ07-fiw8Kw2'
    """
    return b2a_base64(sha512(blob).digest()[:24], newline=False).translate(_URL_SAFE).decode("ascii")


def location_digest(refget: str, start: int, end: int) -> str:
    """Digest of a SequenceLocation."""
    sequence = f'{{"refgetAccession":"{refget}","type":"SequenceReference"}}'
    blob = f'{{"end":{end},"sequenceReference":{sequence},"start":{start},"type":"SequenceLocation"}}'
    return sha512t24u(blob.encode("ascii"))


def allele_id(chrom: str, start: int, ref: str, alt: str, moved_bases: int) -> str:
    """`ga4gh:VA.` identifier of a fully justified GRCh38 allele.

    `ref` and `alt` are written over the whole stretch of equivalent places; `moved_bases` is how many bases
    the bare insertion or deletion has, 0 for a substitution or deletion-insertion.

    >>> allele_id("1", 40819438, "CTCCTCCT", "CTCCTCCTCCT", 3)  # VRS 2.0, Allele example
    'ga4gh:VA.Oop4kjdTtKcg1kiZjIJAAR3bp7qi4aNT'
    """
    subunit = _repeat_subunit(ref, alt, moved_bases)
    if subunit:
        state = f'{{"length":{len(alt)},"repeatSubunitLength":{subunit},"type":"ReferenceLengthExpression"}}'
    else:
        state = f'{{"sequence":"{alt}","type":"LiteralSequenceExpression"}}'
    location = location_digest(REFGET[chrom], start, start + len(ref))
    blob = f'{{"location":"{location}","state":{state},"type":"Allele"}}'
    return "ga4gh:VA." + sha512t24u(blob.encode("ascii"))


def _repeat_subunit(ref: str, alt: str, moved_bases: int) -> int:
    """Repeat subunit length of an allele that is derived from the reference; 0 for a literal one.

    Source: VRS 2.0, allele normalization: a deletion always is derived; an insertion is when a tail of the
    reference stretch whose length divides that of the insertion, repeated, gives the new bases.
    """
    if not moved_bases or not ref:
        return 0
    if len(alt) < len(ref):
        return moved_bases
    added = alt[len(ref) :]
    for size in _divisors(moved_bases):
        if size <= len(ref):
            tail = ref[len(ref) - size :]
            if tail * (len(added) // size) == added:
                return size
    return 0


@lru_cache(maxsize=1024)
def _divisors(number: int) -> tuple[int, ...]:
    return tuple(size for size in range(number, 0, -1) if number % size == 0)
