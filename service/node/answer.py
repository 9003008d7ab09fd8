"""Beacon v2 answers about genomic variants, as JSON bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from service.domain.assembly import Assembly, accession
from service.frequency.allele_counts import AlleleCounts, ListedAllele, UncountedAllele
from service.node.request import BeaconRequest, type_of

API_VERSION = "v2.1.0"
SCHEMAS = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/models/json/beacon-v2-default-model"
VARIANT_SCHEMA = {"entityType": "genomicVariant", "schema": f"{SCHEMAS}/genomicVariations/defaultSchema.json"}


@dataclass(frozen=True, slots=True)
class AnswerWriter:
    """Writes the answers of one node: its label, its dataset, and what it withholds.

    Counts of 1..low_count-1 are withheld and said to be so; low_count 1 withholds nothing.
    """

    beacon_id: str
    country: str
    dataset_id: str
    version: str
    assembly: Assembly
    source_url: str
    low_count: int = 1

    def variants(self, request: BeaconRequest, rows: Sequence[ListedAllele]) -> bytes:
        """The answer to one request whose query names `rows`."""
        document: dict[str, Any] = {
            "meta": self.meta(request.received, request.granularity),
            "responseSummary": {"exists": bool(rows)},
        }
        if request.granularity != "boolean":
            document["responseSummary"]["numTotalResults"] = len(rows)
        if request.granularity == "record":
            document["response"] = {"resultSets": self._result_sets(request, rows)}
        return orjson.dumps(document)

    def _result_sets(self, request: BeaconRequest, rows: Sequence[ListedAllele]) -> list[dict[str, Any]]:
        wanted = {"HIT": bool(rows), "MISS": not rows, "ALL": True, "NONE": False}[request.include]
        if not wanted:
            return []
        page = rows[request.skip * request.limit : (request.skip + 1) * request.limit]
        return [
            {
                "id": self.dataset_id,
                "setType": "dataset",
                "exists": bool(rows),
                "resultsCount": len(rows),
                "results": [self.record(row) for row in page],
                "info": {"datasetVersion": self.version, "lowCount": self.low_count},
            }
        ]

    def meta(self, received: Mapping[str, Any], granularity: str) -> dict[str, Any]:
        """The `meta` section of an answer that carries variants."""
        return {
            "beaconId": self.beacon_id,
            "apiVersion": API_VERSION,
            "returnedSchemas": [VARIANT_SCHEMA],
            "returnedGranularity": granularity,
            "receivedRequestSummary": received,
            "testMode": received.get("testMode", False),
        }

    def error(self, status: int, message: str) -> bytes:
        """An error answer; it repeats nothing of the request."""
        received = {
            "apiVersion": API_VERSION,
            "requestedSchemas": [],
            "pagination": {"skip": 0, "limit": 10},
            "requestedGranularity": "record",
        }
        meta = self.meta(received, "record") | {"returnedSchemas": []}
        return orjson.dumps({"meta": meta, "error": {"errorCode": status, "errorMessage": message}})

    def variant_id(self, row: ListedAllele) -> str:
        """A stable id of a variant: assembly, chromosome, interbase start and alleles."""
        return f"{self.assembly}:{row.chrom}:{row.start}:{row.ref}:{row.alt}"

    def record(self, row: ListedAllele) -> dict[str, Any]:
        """One variant as a Beacon record; withheld or missing counts leave only the statement of it."""
        sequence = accession(self.assembly, row.chrom)
        record: dict[str, Any] = {
            "variantInternalId": self.variant_id(row),
            "variation": {
                "location": {
                    "type": "SequenceLocation",
                    "sequence_id": f"refseq:{sequence}",
                    "interval": {
                        "type": "SequenceInterval",
                        "start": {"type": "Number", "value": row.start},
                        "end": {"type": "Number", "value": row.start + len(row.ref)},
                    },
                },
                "referenceBases": row.ref,
                "alternateBases": row.alt,
                "variantType": type_of(row.ref, row.alt),
            },
        }
        if len(row.ref) == len(row.alt) == 1:
            hgvs = f"{sequence}:g.{row.start + 1}{row.ref}>{row.alt}"
            record["identifiers"] = {"genomicHGVSId": hgvs}
        if isinstance(row, UncountedAllele):
            record["info"] = {"countsMissing": row.why.reason}
        elif self._withheld(row.allele_count):
            record["info"] = {
                "countPrecision": "imprecise",
                "suppressedBelow": self.low_count,
                "alleleNumber": row.allele_number,
            }
        elif row.allele_number == 0:
            record["info"] = {"alleleNumber": 0}
        else:
            record["frequencyInPopulations"] = [
                {
                    "source": f"genomeward node {self.country}",
                    "sourceReference": self.source_url,
                    "version": self.version,
                    "frequencies": self._frequencies(row),
                }
            ]
        return record

    def _withheld(self, count: int | None) -> bool:
        return count is not None and 0 < count < self.low_count

    def _frequencies(self, row: AlleleCounts) -> list[dict[str, Any]]:
        whole = _counts(self.country, row.allele_count, row.allele_number)
        people = (row.homozygotes, row.heterozygotes, row.hemizygotes)
        if not any(self._withheld(count) for count in people):
            if row.homozygotes is not None:
                whole["genotypeHomozygous"] = row.homozygotes
                whole["alleleCountHomozygous"] = 2 * row.homozygotes
            if row.heterozygotes is not None:
                whole["alleleCountHeterozygous"] = row.heterozygotes
            if row.hemizygotes is not None:
                whole["alleleCountHemizygous"] = row.hemizygotes
        frequencies = [whole]
        # One withheld sex would follow from the whole and the other: both are left out.
        if row.by_sex is not None and not any(self._withheld(ac) for ac, _ in row.by_sex):
            frequencies += [
                _counts(f"{self.country}_{sex}", ac, an)
                for sex, (ac, an) in zip("FM", row.by_sex, strict=True)
                if an
            ]
        return frequencies


def _counts(population: str, allele_count: int, allele_number: int) -> dict[str, Any]:
    return {
        "population": population,
        "alleleFrequency": allele_count / allele_number,
        "alleleCount": allele_count,
        "alleleNumber": allele_number,
    }
