"""Our extension: many exact questions in one request, answered in order."""

from typing import Any

import orjson

from service.node.answer import AnswerWriter
from service.node.refusal import Refusal
from service.node.request import RequestReader, VariantQuery
from service.node.search import find
from service.node.table import CountTable

LARGEST_BATCH = 1_000


def read_batch(body: bytes, reader: RequestReader) -> list[VariantQuery]:
    """The sequence queries of `{"assemblyId": ..., "variants": [{referenceName, start, ...}, ...]}`."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, f"the body is not JSON: {error}") from error
    if not isinstance(document, dict) or set(document) - {"assemblyId", "variants"}:
        raise Refusal(400, "expected an object with assemblyId and variants")
    asked = document.get("variants")
    if not isinstance(asked, list) or not 1 <= len(asked) <= LARGEST_BATCH:
        raise Refusal(400, f"variants must be a list of 1 to {LARGEST_BATCH} questions")
    queries = []
    for number, parameters in enumerate(asked):
        if not isinstance(parameters, dict):
            raise Refusal(400, f"variants/{number} must be an object")
        query = reader.query({"assemblyId": document.get("assemblyId"), **parameters})
        if query.end or query.ref is None or query.alt is None:
            raise Refusal(400, f"variants/{number} must state start, referenceBases and alternateBases")
        queries.append(query)
    return queries


def write_batch(queries: list[VariantQuery], table: CountTable, writer: AnswerWriter) -> bytes:
    """One entry per question, in order: the record, or null where the variant is not listed."""
    records: list[dict[str, Any] | None] = []
    for query in queries:
        rows = find(table, query)
        records.append(writer.record(rows[0]) if rows else None)
    return orjson.dumps(
        {
            "dataset": writer.dataset_id,
            "version": writer.version,
            "lowCount": writer.low_count,
            "results": records,
        }
    )
