"""A platform that answers as a test wants it to, also in ways that the practice LMS never would."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse


@dataclass(frozen=True)
class Reply:
    """One answer. `body` is sent as it is, or read piece by piece from a file-like object."""

    status: int = 200
    body: bytes | Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, document: Any, status: int = 200, **headers: str) -> "Reply":
        """An answer in JSON."""
        return cls(status, json.dumps(document).encode(), headers)


@dataclass(frozen=True)
class Call:
    """One request as the platform got it."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        """The body as form fields."""
        return {name: values[0] for name, values in parse_qs(self.body).items()}

    @property
    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class ScriptedPlatform(BaseAdapter):
    """Passes each call to `answer` and remembers it. `answer` may raise, as a network does."""

    def __init__(self, answer: Callable[[Call], Reply]) -> None:
        super().__init__()
        self.answer = answer
        self.calls: list[Call] = []

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """Answer as the script says."""
        body = request.body or ""
        call = Call(
            method=str(request.method),
            url=str(request.url),
            headers=request.headers,
            body=body.decode() if isinstance(body, bytes) else str(body),
        )
        self.calls.append(call)
        reply = self.answer(call)
        response = requests.Response()
        response.status_code = reply.status
        response.headers.update(reply.headers)
        raw = BytesIO(reply.body) if isinstance(reply.body, bytes) else reply.body
        response.raw = HTTPResponse(raw, headers=dict(reply.headers), preload_content=False)
        response.request, response.url = request, call.url
        return response

    def close(self) -> None:
        """Nothing is open."""

    def session(self) -> requests.Session:
        """A client for which this platform is the whole world."""
        session = requests.Session()
        session.adapters.clear()
        session.mount("https://", self)
        session.mount("http://", self)
        return session
