"""The one exception tree.

GenomewardError
├── InvalidInput            what a caller sent cannot be read            400 invalid
│   ├── InvalidVcf          a variant file                               400 structure
│   ├── InvalidVariant      one variant's notation or alleles            400 value
│   │   └── UnknownReference  well written, its reference is not at hand  400 value
│   ├── InvalidOption       an option, header or parameter               400 value
│   └── InvalidResource     a FHIR resource or phenopacket               400 invalid
│       └── NothingToInterpret  resources without variants or genotypes  422 required
├── InputTooLarge           more bytes than the configured limit         413 too-long
├── NotFound                no such stored resource                      404 not-found
├── AccessDenied            no or wrong credentials                      401 login
├── NotPermitted            the caller may not do this                   403 forbidden
├── UnsupportedOperation    understood, and not offered here             422 not-supported
│   ├── UnsupportedContent  a content type or encoding                   415 not-supported
│   └── NotAcceptable       an answer in a form that is not written      406 not-supported
├── KnowledgeError          the knowledge base is missing or contradictory  500 exception
├── SourceUnavailable       a frequency source did not answer            503 transient
├── StorageUnavailable      the database or a folder cannot be used      503 no-store
│   └── StorageFull         there is no room left in it                  507 no-store
└── ConfigurationError      a setting contradicts another                500 exception

A message states what was read, what was expected, and where. It never carries a genotype or an identifier.
"""

from typing import ClassVar


class GenomewardError(Exception):
    """Root of everything that this service raises on purpose."""

    http_status: ClassVar[int] = 500
    fhir_code: ClassVar[str] = "exception"

    def __init__(self, message: str, *, where: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class InvalidInput(GenomewardError):  # noqa: N818 - the tree reads as facts
    """What a caller sent cannot be read."""

    http_status = 400
    fhir_code = "invalid"


class InvalidVcf(InvalidInput):
    """A variant file that cannot be read as one."""

    fhir_code = "structure"


class InvalidVariant(InvalidInput):
    """A variant whose notation or alleles contradict the reference or the grammar."""

    fhir_code = "value"


class UnknownReference(InvalidVariant):
    """A variant that may be right: the sequence, transcript or record behind its name is not at hand."""


class InvalidOption(InvalidInput):
    """An option, header or parameter outside what is documented."""

    fhir_code = "value"


class InvalidResource(InvalidInput):
    """A FHIR resource or phenopacket that does not say what is needed."""


class NothingToInterpret(InvalidResource):
    """Valid resources without variant or genotype: an empty answer could be read as a negative one."""

    http_status = 422
    fhir_code = "required"


class InputTooLarge(GenomewardError):  # noqa: N818
    """More bytes than the configured limit."""

    http_status = 413
    fhir_code = "too-long"


class NotFound(GenomewardError):  # noqa: N818
    """No such stored resource."""

    http_status = 404
    fhir_code = "not-found"


class AccessDenied(GenomewardError):  # noqa: N818
    """No credentials, or wrong ones."""

    http_status = 401
    fhir_code = "login"


class NotPermitted(GenomewardError):  # noqa: N818
    """The caller is known and may not do this."""

    http_status = 403
    fhir_code = "forbidden"


class UnsupportedOperation(GenomewardError):  # noqa: N818
    """Understood, and not offered here."""

    http_status = 422
    fhir_code = "not-supported"


class UnsupportedContent(UnsupportedOperation):
    """A content type or encoding that is not read here."""

    http_status = 415


class NotAcceptable(UnsupportedOperation):
    """An answer in a form that is not written here."""

    http_status = 406


class KnowledgeError(GenomewardError):
    """The knowledge base is missing, unsourced or contradicts itself."""


class SourceUnavailable(GenomewardError):  # noqa: N818
    """A frequency source did not answer; never to be read as absence."""

    http_status = 503
    fhir_code = "transient"


class StorageUnavailable(GenomewardError):  # noqa: N818
    """The database or an output folder cannot be used."""

    http_status = 503
    fhir_code = "no-store"


class StorageFull(StorageUnavailable):
    """No room is left on the disk, in a quota or in the database: asking again at once does not help."""

    http_status = 507


class ConfigurationError(GenomewardError):
    """A setting is unusable or contradicts another."""


def defect(error: BaseException) -> str:
    """The kind of an unexpected error and where in our code it arose; never its text, which may carry input.

    >>> try:
    ...     {}["NM_000001.1:c.1A>T"]
    ... except KeyError as error:
    ...     defect(error).startswith("unexpected KeyError at ")
    True
    """
    places = []
    trace = error.__traceback__
    while trace is not None:
        places.append(f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"unexpected {type(error).__name__} at {' < '.join(reversed(places[-6:]))}"
