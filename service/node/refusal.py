"""What a node says to a request that it does not serve: always an error, never "not found"."""


class Refusal(Exception):  # noqa: N818 - a polite answer, not a failure
    """A request that is refused, with the HTTP status that says how."""

    def __init__(self, status: int, message: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers
