"""Templates compiled once in a run: each school has an application of its own, and compiling took a third of it."""

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


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


def compiled_once(app: Flask) -> Flask:
    """The application, sharing its compiled templates with all others of this process."""
    app.jinja_env.bytecode_cache = _TEMPLATES
    return app
