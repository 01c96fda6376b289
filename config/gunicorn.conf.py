"""gunicorn's settings for Proximal, all taken from config/default.toml and its overrides.

`gthread` because a request waits for the database and, at a launch, for the LMS's keys: threads overlap these waits
without monkey-patching.
"""

from lti_tool.app import create_app_for_server, start_embedded_worker
from lti_tool.config import Settings

_settings = Settings.load()

bind = _settings.bind
workers = _settings.web_processes
threads = _settings.web_threads
worker_class = "gthread"
timeout = 60
graceful_timeout = 10
keepalive = 5
# A launch's id_token arrives in the body; a request line or header longer than this is not ours.
limit_request_line = 8190
control_socket_disable = True


def post_worker_init(worker):
    """Each web process drains the outbox too; leases in the database keep them out of each other's way."""
    if _settings.embedded_worker:
        start_embedded_worker(worker.app.callable)


__all__ = ["create_app_for_server"]
