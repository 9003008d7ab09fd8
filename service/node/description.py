"""What a node says about itself: the framework documents of Beacon v2."""

from dataclasses import dataclass
from typing import Any

from service import __version__
from service.node.answer import API_VERSION, SCHEMAS, VARIANT_SCHEMA, AnswerWriter

_PRODUCT_URL = "https://github.com/genomeward/genomeward"
_CONFIGURATION = "https://raw.githubusercontent.com/ga4gh-beacon/beacon-v2/main/framework/json/configuration"


@dataclass(frozen=True, slots=True)
class NodeDescription:
    """The framework documents of one node, as JSON-ready dictionaries."""

    writer: AnswerWriter
    base_url: str
    registered_only: bool
    variants: int
    updated: str

    def documents(self) -> dict[str, dict[str, Any]]:
        """Document by path below the API root."""
        return {
            "": self._info(),
            "/info": self._info(),
            "/service-info": self._service_info(),
            "/configuration": self._configuration(),
            "/map": self._map(),
            "/entry_types": self._informational({"entryTypes": _ENTRY_TYPES}),
            "/filtering_terms": self._informational({"filteringTerms": []}),
        }

    def _informational(self, response: dict[str, Any]) -> dict[str, Any]:
        meta = {"beaconId": self.writer.beacon_id, "apiVersion": API_VERSION, "returnedSchemas": []}
        return {"meta": meta, "response": response}

    def _info(self) -> dict[str, Any]:
        writer = self.writer
        return self._informational(
            {
                "id": writer.beacon_id,
                "name": f"genomeward node {writer.country}",
                "apiVersion": API_VERSION,
                "environment": "prod",
                "organization": {"id": f"genomeward.{writer.country}", "name": f"Cohort {writer.country}"},
                "description": f"Allele counts of cohort {writer.country} on {writer.assembly}.",
                "version": __version__,
                "updateDateTime": self.updated,
                "info": {
                    "assembly": str(writer.assembly),
                    "variants": self.variants,
                    "lowCount": writer.low_count,
                    "batch": "POST g_variants/batch",
                },
            }
        )

    def _service_info(self) -> dict[str, Any]:
        return {
            "id": self.writer.beacon_id,
            "name": f"genomeward node {self.writer.country}",
            "type": {"group": "org.ga4gh", "artifact": "beacon", "version": API_VERSION.removeprefix("v")},
            "organization": {"name": f"Cohort {self.writer.country}", "url": _PRODUCT_URL},
            "version": __version__,
            "environment": "prod",
            "updatedAt": self.updated,
        }

    def _configuration(self) -> dict[str, Any]:
        return self._informational(
            {
                "$schema": f"{_CONFIGURATION}/beaconConfigurationSchema.json",
                "maturityAttributes": {"productionStatus": "PROD"},
                "securityAttributes": {
                    "defaultGranularity": "record",
                    "securityLevels": ["REGISTERED" if self.registered_only else "PUBLIC"],
                },
                "entryTypes": _ENTRY_TYPES,
            }
        )

    def _map(self) -> dict[str, Any]:
        return self._informational(
            {
                "$schema": f"{_CONFIGURATION}/beaconMapSchema.json",
                "endpointSets": {
                    "genomicVariant": {
                        "entryType": "genomicVariant",
                        "rootUrl": f"{self.base_url}/g_variants",
                        "singleEntryUrl": f"{self.base_url}/g_variants/{{id}}",
                    },
                    "dataset": {
                        "entryType": "dataset",
                        "rootUrl": f"{self.base_url}/datasets",
                        "singleEntryUrl": f"{self.base_url}/datasets/{{id}}",
                    },
                },
            }
        )

    def datasets(self) -> dict[str, Any]:
        """The answer to `/datasets`; the version changes with the bytes of the counts."""
        writer = self.writer
        received = {
            "apiVersion": API_VERSION,
            "requestedSchemas": [],
            "pagination": {"skip": 0, "limit": 10},
            "requestedGranularity": "record",
        }
        meta = writer.meta(received, "record")
        meta["returnedSchemas"] = [
            {"entityType": "dataset", "schema": f"{SCHEMAS}/datasets/defaultSchema.json"}
        ]
        dataset = {
            "id": writer.dataset_id,
            "name": f"Allele counts {writer.country}",
            "description": f"Allele counts of cohort {writer.country}; unrelated people.",
            "version": writer.version,
            "updateDateTime": self.updated,
            "info": {"assembly": str(writer.assembly), "lowCount": writer.low_count},
        }
        return {
            "meta": meta,
            "responseSummary": {"exists": True, "numTotalResults": 1},
            "response": {"collections": [dataset]},
        }


_ENTRY_TYPES = {
    "genomicVariant": {
        "id": "genomicVariant",
        "name": "Genomic variants",
        "ontologyTermForThisType": {"id": "SO:0001059", "label": "sequence_alteration"},
        "partOfSpecification": "Beacon v2.1",
        "defaultSchema": {
            "id": "beacon-g_variant-v2.1",
            "name": "Default schema for a genomic variation",
            "referenceToSchemaDefinition": VARIANT_SCHEMA["schema"],
            "schemaVersion": "v2.1.0",
        },
        "nonFilteredQueriesAllowed": False,
    },
    "dataset": {
        "id": "dataset",
        "name": "Datasets",
        "ontologyTermForThisType": {"id": "NCIT:C47824", "label": "Data set"},
        "partOfSpecification": "Beacon v2.1",
        "defaultSchema": {
            "id": "beacon-dataset-v2.1",
            "name": "Default schema for a dataset",
            "referenceToSchemaDefinition": f"{SCHEMAS}/datasets/defaultSchema.json",
            "schemaVersion": "v2.1.0",
        },
        "aCollectionOf": [{"id": "genomicVariant", "name": "Genomic variants"}],
    },
}
