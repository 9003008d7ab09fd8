"""What a caller can read, and how a body is packed: JSON and pages as they are, gzip or nothing."""

from collections.abc import Callable, Collection

from fastapi import Request

from service.errors import NotAcceptable, UnsupportedContent

FHIR_ANSWERS = ("application/fhir+json", "application/json", "text/json")
PAGES = ("text/html", "application/xhtml+xml")
_SHORT = {"json": "application/fhir+json", "xml": "application/fhir+xml", "html": "text/html"}
_PACKINGS = {"gzip", "x-gzip"}


def answers_with(types: Collection[str]) -> Callable[[Request], None]:
    """A route dependency: refuse before anything is done what the caller could not read.

    FHIR R4, 3.1.0.1.11: `_format` comes before Accept; neither means whatever the server has.
    """

    def acceptable(request: Request) -> None:
        stated = request.query_params.get("_format")
        # A plus sign in a query string that was not escaped arrives as a space.
        asked = stated.replace(" ", "+") if stated else ", ".join(request.headers.getlist("accept"))
        if asked.strip() and not _any_of(asked, types):
            raise NotAcceptable(f"the answer is {next(iter(types))}", where="_format" if stated else "Accept")

    return acceptable


def _any_of(asked: str, types: Collection[str]) -> bool:
    """Whether one of the media ranges covers one of the types.

    >>> _any_of("text/html, application/*;q=0.8", FHIR_ANSWERS), _any_of("application/fhir+xml", FHIR_ANSWERS)
    (True, False)
    >>> _any_of("application/json;q=0", FHIR_ANSWERS), _any_of("json", FHIR_ANSWERS)
    (False, True)
    """
    for item in asked.split(","):
        name, *parameters = (part.strip().lower() for part in item.split(";"))
        name = _SHORT.get(name, name)
        weights = [p.partition("=")[2].strip() for p in parameters if p.replace(" ", "").startswith("q=")]
        if any(_is_zero(weight) for weight in weights):
            continue
        if name in types or name == "*/*":
            return True
        if name.endswith("/*") and any(kind.startswith(name[:-1]) for kind in types):
            return True
    return False


def _is_zero(weight: str) -> bool:
    return weight.replace(".", "").strip("0") == "" and weight.startswith("0")


def body_packing(request: Request, *, gzip: bool) -> str:
    """`gzip` or nothing, as Content-Encoding says. Raises UnsupportedContent for any other."""
    stated = ", ".join(request.headers.getlist("content-encoding")).strip().lower()
    if stated in {"", "identity"}:
        return ""
    if gzip and stated in _PACKINGS:
        return "gzip"
    expected = "gzip or none" if gzip else "none"
    raise UnsupportedContent(f"the body is packed in a way that is not read; expected {expected}",
                             where="Content-Encoding")  # fmt: skip
