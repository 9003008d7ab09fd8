"""What nobody expected: one answer, whichever moment it comes in."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from service.api.errors import Defects


@pytest.mark.parametrize("answered", [False, True], ids=["before the answer", "in the middle of it"])
def test_a_defect_never_begins_a_second_answer(answered: bool) -> None:
    sent: list[Message] = []

    async def application(_scope: Scope, _receive: Receive, send: Send) -> None:
        if answered:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Defects(application)({"type": "http", "method": "GET"}, receive, send))
    started = [message["status"] for message in sent if message["type"] == "http.response.start"]
    assert started == ([200] if answered else [500])


def test_a_defect_outside_of_a_request_is_not_swallowed() -> None:
    async def application(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(Defects(application)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
