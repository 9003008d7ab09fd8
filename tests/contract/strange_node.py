"""A Beacon node that behaves as real ones do: run as its own process, with the habits named on its command.

    python strange_node.py COUNTS COUNTRY HABIT...

Prints its port when it listens. Habits: nested (flat parameters are ignored), flat (nested ones are), chr or
bare (other reference names are not found), indel (variantType INDEL is needed), populations (the list is
called so), no-get, no-post, af-only, wrong-af (every AF is 1), arrays, floats, error-200 (errors come as HTTP
200), whole-count (resultsCount is the dataset's), sex-rows (no row for everybody), hg19 (coordinates and
spelling), boolean, end (an end is needed), no-limit (paging ignored), deny-post (403), strict-500 (what is
not understood is an internal error), redirect (a slash is wanted at the end), by-place (alleles are ignored,
one record a page), first-page (what is not understood is answered with the first records of all), alpha3
(labels FIN, FIN_F), af-arrays, no-ranges,
all-ranges (bounds of ranges are ignored: the first records of all),
page-max (seven records a page, whatever is asked for), skip-records (skip counts records), no-skip (every
page is the first), outer (granularity is read beside the query), short-keys (AC, AN, AF),
one-based (positions count from 1, in questions and records), asks-one (in questions only), x-23 (X is 23),
yes (a miss says that it exists, and gives no record), p14 (GRCh38.p14), any-build (assemblyId is not read),
basic, bearer, oauth2 (credentials are wanted: reader and s3cret, s3cret, a token of /token),
vrs (records have an interval and the new sequence, no reference bases),
datasets (they state a version in another spelling than the records do).
Faults: refuse-401, refuse-403, busy (429), busy-once (429 now and then, for a moment),
login-N and empty-N (after N questions HTTP 200 with a page to log in, and HTTP 204),
slow (a quarter of a second), hang, hang-later (after 60 questions), drip, truncate, huge,
flip-N (after N questions everything
is "not found"), versions (every page is of another dataset version).
"""

import asyncio
import base64
import gzip
import json
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn

Row = dict[str, Any]
BASIC = b"Basic " + base64.b64encode(b"reader:s3cret")


class StrangeNode:
    """The ASGI application."""

    def __init__(self, counts: Path, country: str, habits: set[str]) -> None:
        self.country = country
        self.habits = habits
        self.asked = 0
        self.flips = next((int(h.removeprefix("flip-")) for h in habits if h.startswith("flip-")), None)
        self.rows: dict[tuple[str, int], list[Row]] = {}
        opener = gzip.open if counts.suffix == ".gz" else open
        with opener(counts, "rt") as lines:
            header: list[str] = []
            for line in lines:
                fields = line.rstrip("\n").split("\t")
                if line.startswith("##"):
                    continue
                if not header:
                    header = fields
                    continue
                row: Row = dict(zip(header, fields, strict=True))
                row["chrom"] = row["chrom"].removeprefix("chr")
                self.rows.setdefault((row["chrom"], int(row["pos"]) - 1), []).append(row)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if scope["path"] == "/token" and "oauth2" in self.habits:
            granted = dict(scope["headers"]).get(b"authorization") == BASIC and b"client_credentials" in body
            await reply(send, 200 if granted else 401, {"access_token": "granted"} if granted else {})
            return
        wanted = "/g_variants/" if "redirect" in self.habits else "/g_variants"
        if "redirect" in self.habits and scope["path"].endswith("/g_variants"):
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            location = (b"location", scope["path"].encode() + b"/" + query)
            await reply(send, 307, {}, [location])
            return
        if "datasets" in self.habits and scope["path"].endswith("/datasets"):
            dataset = {"id": "counts", "updateDateTime": "2026-11-01T00:00:00Z"}
            await reply(send, 200, {"response": {"collections": [dataset]}})
            return
        if not scope["path"].endswith(wanted):
            await reply(send, 404, {"error": {"errorCode": 404}})
            return
        if not self.knows(dict(scope["headers"]).get(b"authorization", b"")):
            await reply(send, 401, {"error": {"errorCode": 401}})
            return
        self.asked += 1
        if await self.fault(send):
            return
        if (scope["method"] == "GET" and "no-get" in self.habits) or (
            scope["method"] == "POST" and "no-post" in self.habits
        ):
            await reply(send, 405, {"detail": "Method Not Allowed"})
            return
        if scope["method"] == "POST" and "deny-post" in self.habits:
            await reply(send, 403, {"error": {"errorCode": 403}})
            return
        if scope["method"] == "GET":
            parameters = dict(pair.split("=", 1) for pair in scope["query_string"].decode().split("&"))
            page = int(parameters.pop("skip", 0)), int(parameters.pop("limit", 10))
        else:
            document = json.loads(bytes(body))
            query = document["query"]
            if "outer" in self.habits and document.get("requestedGranularity") != "record":
                self.habits.add("boolean")
            elif "outer" in self.habits:
                self.habits.discard("boolean")
            parameters = query["requestParameters"]
            page = query["pagination"]["skip"], query["pagination"]["limit"]
            nested = "g_variant" in parameters
            if ("nested" in self.habits) != nested and self.habits & {"nested", "flat"}:
                parameters = {}
            else:
                parameters = parameters.get("g_variant", parameters)
        answer = self.answer(parameters, *page)
        await reply(send, 500 if answer is None else 200, answer)

    def knows(self, authorization: bytes) -> bool:
        """Whether the credentials are those that this node wants."""
        wanted = {"basic": BASIC, "bearer": b"Bearer s3cret", "oauth2": b"Bearer granted"}
        return all(authorization == value for habit, value in wanted.items() if habit in self.habits)

    def not_understood(self) -> dict[str, Any] | None:
        """What this node says to a question that it does not understand."""
        if "strict-500" in self.habits:
            return None
        if "error-200" in self.habits:
            return {"meta": {}, "error": {"errorCode": 400, "errorMessage": "not understood"}}
        if "first-page" in self.habits:
            return self.document([row for rows in list(self.rows.values())[:10] for row in rows], 0)
        return self.document([], 0)

    async def fault(self, send: Any) -> bool:
        habits = self.habits
        for status in (401, 403):
            if f"refuse-{status}" in habits:
                await reply(send, status, {"error": {"errorCode": status}})
                return True
        if "busy" in habits:
            await reply(send, 429, {"error": {"errorCode": 429}}, [(b"retry-after", b"120")])
            return True
        if "busy-once" in habits and self.asked % 7 == 1:
            await reply(send, 429, {"error": {"errorCode": 429}}, [(b"retry-after", b"0")])
            return True
        if "slow" in habits:
            await asyncio.sleep(0.25)
        if "hang" in habits or (self.asked > 60 and "hang-later" in habits):
            await asyncio.sleep(600)
        if "drip" in habits:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(600):
                await send({"type": "http.response.body", "body": b" ", "more_body": True})
                await asyncio.sleep(1)
        if self.after("login"):
            page = b"<!doctype html><html><title>Log in</title></html>"
            await reply(send, 200, None, [(b"content-type", b"text/html")], raw=page)
            return True
        if self.after("empty"):
            await reply(send, 204, None, raw=b"")
            return True
        if "truncate" in habits:
            await reply(send, 200, None, raw=b'{"meta":{},"responseSummary":{"exists":fal')
            return True
        if "huge" in habits:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(100):
                await send({"type": "http.response.body", "body": b" " * (1 << 20), "more_body": True})
            await send({"type": "http.response.body", "body": b"{}"})
            return True
        return False

    def after(self, habit: str) -> bool:
        """Whether more questions came than the habit waits for."""
        limit = next((h for h in self.habits if h.startswith(f"{habit}-")), None)
        return limit is not None and self.asked > int(limit.rpartition("-")[2])

    def answer(self, parameters: dict[str, Any], skip: int, limit: int) -> dict[str, Any] | None:
        if self.flips is not None and self.asked > self.flips:
            return self.document([], 0)
        spellings = ("GRCh37", "hg19") if "hg19" in self.habits else ("GRCh38",)
        name = str(parameters.get("referenceName", ""))
        if "p14" in self.habits:
            spellings = ("GRCh38.p14",)
        if "any-build" not in self.habits and parameters.get("assemblyId") not in spellings:
            return self.not_understood()
        if ("chr" in self.habits and not name.startswith("chr")) or (
            "bare" in self.habits and name.startswith(("chr", "NC"))
        ):
            return self.not_understood()
        chrom = name.removeprefix("chr")
        if "x-23" in self.habits:
            chrom = {"23": "X", "X": "not understood"}.get(chrom, chrom)
        start, end = first(parameters.get("start")), first(parameters.get("end"))
        if start is not None and self.habits & {"one-based", "asks-one"}:
            start -= 1
        if "alternateBases" not in parameters:
            if start is None or end is None or "no-ranges" in self.habits:
                return self.not_understood()
            found = [r for (c, p), rows in self.rows.items() if c == chrom and start <= p < end for r in rows]
            if "all-ranges" in self.habits:
                found, skip = [r for rows in self.rows.values() for r in rows], 0
            if "page-max" in self.habits:
                limit = min(limit, 7)
            first_record = skip if "skip-records" in self.habits else skip * limit
            page = found[first_record : first_record + limit]
            if "no-limit" in self.habits or "no-skip" in self.habits:
                page = found if "no-limit" in self.habits else found[:limit]
            return self.document(page, skip)
        if "end" in self.habits and end is None:
            return self.not_understood()
        ref, alt = parameters["referenceBases"], parameters["alternateBases"]
        kind = parameters.get("variantType")
        if "indel" in self.habits and (kind or "SNP") != ("SNP" if len(ref) == len(alt) else "INDEL"):
            return self.not_understood()
        rows = self.rows.get((chrom, start or -1), [])
        if "by-place" in self.habits:
            return self.document(rows[skip : skip + 1], skip, len(rows))
        return self.document([r for r in rows if (r["ref"], r["alt"]) == (ref, alt)], skip)

    def document(self, rows: list[Row], page: int, total: int | None = None) -> dict[str, Any]:
        count = 22_246_418 if "whole-count" in self.habits else len(rows) if total is None else total
        granularity = "boolean" if "boolean" in self.habits else "record"
        says_yes = "yes" in self.habits or "whole-count" in self.habits
        document: dict[str, Any] = {
            "meta": {"beaconId": "strange", "apiVersion": "v2.0.0", "returnedGranularity": granularity},
            "responseSummary": {
                "exists": bool(rows) or says_yes,
                "numTotalResults": count,
            },
        }
        if granularity == "boolean":
            return document
        version = {"datasetVersion": f"v{page}"} if "versions" in self.habits else {}
        if "datasets" in self.habits:
            version = {"datasetVersion": "release-7"}
        sets = [
            {
                "id": "counts",
                "setType": "dataset",
                "exists": bool(rows),
                "resultsCount": count,
                "results": [self.record(row) for row in rows],
                "info": version,
            }
        ]
        document["response"] = {"resultSets": sets if rows else []}
        if "whole-count" in self.habits and not rows:
            document["responseSummary"]["exists"] = False
        return document

    def record(self, row: Row) -> dict[str, Any]:
        start = int(row["pos"]) - ("one-based" not in self.habits)
        key = "populations" if "populations" in self.habits else "frequencies"
        label = {"FI": "FIN", "GB": "GBR"}[self.country] if "alpha3" in self.habits else self.country
        labels = [(label, ""), (f"{label}_F", "_f"), (f"{label}_M", "_m")]
        if "sex-rows" in self.habits:
            labels = labels[1:]
        return {
            "variantInternalId": f"{start}",
            "variation": {
                "location": {
                    "type": "SequenceLocation",
                    "sequence_id": row["chrom"] if "vrs" in self.habits else self.name(row),
                    "interval": {
                        "type": "SequenceInterval",
                        "start": {"type": "Number", "value": start},
                        "end": {"type": "Number", "value": int(row["pos"]) - 1 + len(row["ref"])},
                    },
                },
                **self.alleles(row),
                "variantType": "SNP",
            },
            "frequencyInPopulations": [
                {
                    "source": "The Genome of Europe",
                    "sourceReference": "https://genomeofeurope.eu/",
                    key: [self.frequency(label, row, suffix) for label, suffix in labels],
                }
            ],
        }

    @staticmethod
    def name(row: Row) -> str:
        return f"HGVSid:{row['chrom']}:g.{row['pos']}{row['ref']}>{row['alt']}"

    def alleles(self, row: Row) -> dict[str, Any]:
        if "vrs" in self.habits:
            return {"state": {"type": "LiteralSequenceExpression", "sequence": row["alt"]}}
        return {"referenceBases": row["ref"], "alternateBases": row["alt"]}

    def frequency(self, label: str, row: Row, suffix: str) -> dict[str, Any]:
        ac, an = int(row[f"ac{suffix}"]), int(row[f"an{suffix}"])
        frequency = 1 if "wrong-af" in self.habits else (ac / an if an else 0)
        if "af-only" in self.habits:
            return {"population": label, "alleleFrequency": frequency}
        shape: Callable[[int], Any] = int
        if "arrays" in self.habits:
            shape = lambda count: [count]  # noqa: E731
        elif "floats" in self.habits:
            shape = float
        if "short-keys" in self.habits:
            return {"population": label, "AC": ac, "AN": an, "AF": frequency}
        return {
            "population": label,
            "alleleFrequency": [frequency, 0.5] if "af-arrays" in self.habits else frequency,
            "alleleCount": shape(ac),
            "alleleNumber": shape(an),
            "alleleCountHomozygous": shape(int(row["ac_hom_alleles"])) if not suffix else None,
            "alleleCountHeterozygous": shape(int(row["ac_het"])) if not suffix else None,
        }


def first(value: object) -> int | None:
    """The number of `5`, `[5]` or `"5"`."""
    if isinstance(value, list):
        return first(value[0])
    return None if value is None else int(str(value))


async def reply(
    send: Callable[[dict[str, Any]], Awaitable[None]],
    status: int,
    document: dict[str, Any] | None,
    headers: list[tuple[bytes, bytes]] | None = None,
    raw: bytes | None = None,
) -> None:
    """Send one answer."""
    body = raw if raw is not None else json.dumps(document).encode()
    await send({"type": "http.response.start", "status": status, "headers": headers or []})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    """Listen on a free loopback port and say which."""
    counts, country, *habits = sys.argv[1:]
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    node = StrangeNode(Path(counts), country, set(habits))
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(node, access_log=False, log_level="error", lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
