"""Carries `requests` calls to Flask apps of this process, so that no socket is opened."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse


class AppAdapter(BaseAdapter):
    """A transport adapter that asks an app instead of the network."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._app = app

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        """Pass a request to the app and its answer back, unread."""
        parts = urlsplit(str(request.url))
        answer = self._app.test_client().open(
            f"{parts.path}?{parts.query}",
            method=request.method,
            base_url=f"{parts.scheme}://{parts.netloc}",
            headers=dict(request.headers),
            data=request.body,
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.reason = answer.status.split(" ", 1)[-1]
        response.headers.update(dict(answer.headers))
        response.raw = HTTPResponse(BytesIO(answer.data), headers=dict(answer.headers), preload_content=False)
        response.request = request
        response.url = str(request.url)
        return response

    def close(self) -> None:
        """Nothing is open."""


def wired(apps: Mapping[str, Flask]) -> requests.Session:
    """A session that reaches these apps, by origin, and nothing else."""
    session = requests.Session()
    session.adapters.clear()
    for origin, app in apps.items():
        session.mount(origin, AppAdapter(app))
    return session
