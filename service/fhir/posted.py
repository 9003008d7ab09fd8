"""What was posted: parsed, validated against FHIR R4, and findable by the references inside it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from service.errors import InvalidResource
from service.fhir.terminology import Json

# Far beyond what any real resource needs, and within what the JSON writer can give back.
MAXIMUM_DEPTH = 64
MAXIMUM_BUNDLES = 4
# Of these what we read rests on them; FHIR forbids to process what a modifier changes in an unknown way.
_READ = frozenset({
    "Bundle", "Parameters", "Observation", "Patient", "ServiceRequest", "Specimen", "MedicationStatement",
    "MedicationRequest", "Medication", "Condition", "Consent",
})  # fmt: skip

# Messages of these kinds never repeat what was read.
_SAYABLE = {
    "extra_forbidden": "this element does not exist here",
    "missing": "a required element is missing",
    "model_field_validation.missing": "a required element is missing",
    "string_type": "expected a string",
    "list_type": "expected a list",
    "bool_type": "expected true or false",
    "model_type": "expected an object",
    "string_pattern_mismatch": "the text does not have the form that FHIR demands",
}


@dataclass(frozen=True, slots=True)
class Located:
    """A resource and the FHIRPath at which it was read."""

    path: str
    resource: Json


@dataclass(frozen=True, slots=True)
class Posted:
    """All resources of one request in order of appearance, and its primitive parameters by name."""

    resources: tuple[Located, ...]
    parameters: tuple[tuple[str, str], ...] = ()
    _by_reference: dict[str, Located] = field(default_factory=dict)

    def of(self, resource_type: str) -> Iterator[Located]:
        """Resources of one type."""
        return (found for found in self.resources if found.resource["resourceType"] == resource_type)

    def resolve(self, reference: object, within: Json | None = None) -> Json | None:
        """The resource that a Reference points at, here or contained `within`; None when it is elsewhere."""
        target = reference.get("reference") if isinstance(reference, dict) else None
        if not isinstance(target, str):
            return None
        if target.startswith("#"):
            contained = (within or {}).get("contained", [])
            return next((item for item in contained if item.get("id") == target[1:]), None)
        found = self._by_reference.get(target) or self._by_reference.get(_relative(target))
        return found.resource if found else None


def _relative(reference: str) -> str:
    """`Type/id` of an absolute URL; version suffixes are dropped."""
    return "/".join(reference.split("/_history/")[0].split("/")[-2:])


def read_posted(body: bytes) -> Posted:
    """Everything in a Parameters, a Bundle or a single resource.

    Raises:
        InvalidResource: not JSON, not FHIR, or not valid; `where` is the path of the first problem.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        # The decoder's own message quotes nothing of what it read.
        raise InvalidResource(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    if not isinstance(document, dict) or not isinstance(document.get("resourceType"), str):
        raise InvalidResource("expected a FHIR resource with a resourceType")
    located: list[tuple[str | None, Located]] = []
    parameters: list[tuple[str, str]] = []
    kind = document["resourceType"]
    _collect(document, kind if kind.isalpha() else "resource", None, located, parameters)
    index: dict[str, Located] = {}
    for full_url, found in located:
        kind, own_id = found.resource["resourceType"], found.resource.get("id")
        keys = {full_url, f"{kind}/{own_id}" if own_id else None} - {None}
        for key in keys:
            index.setdefault(str(key), found)
    return Posted(tuple(found for _, found in located), tuple(parameters), index)


def _collect(
    resource: Json,
    path: str,
    full_url: str | None,
    located: list[tuple[str | None, Located]],
    parameters: list[tuple[str, str]],
) -> None:
    kind = resource["resourceType"]
    if path.count(".resource") > MAXIMUM_BUNDLES:
        raise InvalidResource(f"Bundles inside Bundles beyond {MAXIMUM_BUNDLES} levels", where=path)
    if kind == "Bundle":
        _collect_bundle(resource, path, located, parameters)
    elif kind == "Parameters":
        _collect_parameters(resource, path, located, parameters)
    else:
        validate(resource, path)
        located.append((full_url, Located(path, resource)))


def _collect_bundle(
    bundle: Json,
    path: str,
    located: list[tuple[str | None, Located]],
    parameters: list[tuple[str, str]],
) -> None:
    entries = _objects(bundle, "entry", path)
    shell = [{key: value for key, value in entry.items() if key != "resource"} for entry in entries]
    validate({**bundle, "entry": shell} if entries else bundle, path)
    for number, entry in enumerate(entries):
        if "resource" in entry:
            where = f"{path}.entry[{number}].resource"
            _collect(_resource(entry, where), where, entry.get("fullUrl"), located, parameters)


def _collect_parameters(
    document: Json,
    path: str,
    located: list[tuple[str | None, Located]],
    parameters: list[tuple[str, str]],
) -> None:
    given = _objects(document, "parameter", path)
    shell = [{key: value for key, value in item.items() if key != "resource"} for item in given]
    validate({**document, "parameter": shell} if given else document, path)
    for number, item in enumerate(given):
        where = f"{path}.parameter[{number}]"
        if "resource" in item:
            _collect(_resource(item, f"{where}.resource"), f"{where}.resource", None, located, parameters)
            continue
        values = [value for key, value in item.items() if key.startswith("value")]
        if len(values) != 1 or isinstance(values[0], dict | list):
            raise InvalidResource("expected a resource or one primitive value", where=where)
        value = values[0]
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        parameters.append((str(item["name"]), text))


def _objects(document: Json, key: str, path: str) -> list[Json]:
    listed = document.get(key, [])
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise InvalidResource("expected a list of objects", where=f"{path}.{key}")
    return listed


def _resource(holder: Json, where: str) -> Json:
    resource = holder["resource"]
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise InvalidResource("expected a FHIR resource with a resourceType", where=where)
    return resource


def validate(resource: Json, path: str) -> None:
    """Check one resource against FHIR R4.

    Raises:
        InvalidResource: `where` is the FHIRPath of the first problem; values are never repeated.
    """
    # Imported here: the models cost 0.6 s that only requests with FHIR input should pay.
    from fhir.resources.R4B import get_fhir_model_class
    from fhir.resources.R4B.resource import Resource
    from pydantic import ValidationError

    try:
        model = get_fhir_model_class(resource["resourceType"])
    except (ValueError, LookupError, ImportError):
        raise InvalidResource("not a resource type of FHIR R4", where=path) from None
    if not issubclass(model, Resource):
        raise InvalidResource("a data type, not a resource type of FHIR R4", where=path)
    _refuse_null(resource, path)
    if resource["resourceType"] in _READ:
        _refuse_modifiers(resource, path)
    try:
        model.model_validate(resource)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        raise _told(problems, path) from None
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError):
        # The library trips over what it cannot even dispatch on, e.g. an unknown contained resource type.
        raise InvalidResource("not a valid resource of FHIR R4", where=path) from None


def _refuse_modifiers(resource: Json, path: str) -> None:
    """What implicitRules and modifierExtension say is not known here, and it may be the opposite.

    Source: FHIR R4, extensibility, `modifierExtension` and `Resource.implicitRules`.
    """
    if "implicitRules" in resource:
        raise InvalidResource("carries rules that are not known here", where=f"{path}.implicitRules")
    waiting: list[tuple[str, Any]] = [(path, resource)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, dict):
            if value.get("modifierExtension"):
                raise InvalidResource(
                    "carries a modifier that is not known here: what it changes cannot be read",
                    where=f"{where}.modifierExtension",
                )
            waiting.extend((f"{where}.{name}", member) for name, member in value.items())
        elif isinstance(value, list):
            waiting.extend((f"{where}[{number}]", member) for number, member in enumerate(value))


def _refuse_null(resource: Json, path: str) -> None:
    """FHIR has no null members: an element that has no value is left out. Lists of primitives may pad."""
    waiting: list[tuple[str, Any, int]] = [(path, resource, 0)]
    while waiting:
        where, value, depth = waiting.pop()
        if depth > MAXIMUM_DEPTH:
            raise InvalidResource(f"nested deeper than {MAXIMUM_DEPTH} levels", where=path)
        if isinstance(value, dict):
            waiting.extend((f"{where}.{name}", member, depth + 1) for name, member in value.items())
            if None in value.values():
                name = next(name for name, member in value.items() if member is None)
                raise InvalidResource("null is not a value in FHIR", where=f"{where}.{name}")
        elif isinstance(value, list):
            items = ((f"{where}[{number}]", item) for number, item in enumerate(value))
            waiting.extend((at, item, depth + 1) for at, item in items if item is not None)


def _told(problems: list[Any], path: str) -> InvalidResource:
    first = problems[0]
    where = path + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in first["loc"])
    message = _SAYABLE.get(first["type"], "not valid in FHIR R4")
    if len(problems) > 1:
        message = f"{message} (and {len(problems) - 1} more problems)"
    return InvalidResource(message, where=where)


def read_resource(document: object, resource_type: str, *, where: str | None = None) -> Json:
    """A validated resource of the expected type, e.g. a Patient from a file.

    Raises:
        InvalidResource: another type, or not valid.
    """
    if not isinstance(document, dict) or document.get("resourceType") != resource_type:
        raise InvalidResource(f"expected a FHIR {resource_type}", where=where)
    validate(document, where or resource_type)
    return document


def codings(concept: object) -> list[Json]:
    """The codings of a CodeableConcept that have a code; empty when there is none."""
    listed = concept.get("coding", []) if isinstance(concept, dict) else []
    return [coding for coding in listed if isinstance(coding, dict) and coding.get("code")]


def has_code(concept: object, system: str, code: str) -> bool:
    """Whether a CodeableConcept carries the code."""
    return any(c.get("system") == system and c["code"] == code for c in codings(concept))
