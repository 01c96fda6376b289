"""Applications for many schools: to build one and to compile its templates took half of a test's time."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from lti_tool.app import create_app
from lti_tool.runtime import Runtime
from lti_tool.web.rates import Rates


class _Kept(BytecodeCache):
    """Compiled templates by name and file; a bucket's checksum tells a template that has changed."""

    def __init__(self) -> None:
        self._buckets: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._buckets:
            bucket.bytecode_from_string(self._buckets[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._buckets[bucket.key] = bucket.bytecode_to_string()


_TEMPLATES = _Kept()
_IDLE: list[Flask] = []


@contextmanager
def tool_app(runtime: Runtime) -> Iterator[Flask]:
    """The tool's pages around a runtime. An application keeps nothing of a school but what hangs on its extensions.

    Behind a proxy it is built for that one school.
    """
    if runtime.settings.trusted_proxies:
        yield compiled_once(create_app(runtime))
        return
    app = _IDLE.pop() if _IDLE else compiled_once(create_app(runtime))
    app.extensions["proximal"] = runtime
    app.extensions["proximal-rates"] = Rates()
    yield app
    _IDLE.append(app)


def compiled_once(app: Flask) -> Flask:
    """The application, sharing its compiled templates with all others of this process."""
    app.jinja_env.bytecode_cache = _TEMPLATES
    return app
