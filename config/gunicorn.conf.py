"""gunicorn's settings for Proximal, all taken from config/default.toml and its overrides.

`gthread` because a request waits for the database and, at a launch, for the LMS's keys: threads overlap these waits
without monkey-patching.
"""

import gc
import os
import shutil

gc.disable()  # until all is imported: none of it is garbage, and to look for some takes a tenth of the time

from lti_tool.config import Settings  # noqa: E402

_settings = Settings.load()
# Web processes count requests into files of one folder, so that any of them can tell all figures. Named before the
# first import of prometheus_client, and empty at each start.
_counts = (_settings.data_dir / "metrics").resolve()
shutil.rmtree(_counts, ignore_errors=True)
_counts.mkdir(parents=True, exist_ok=True)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_counts)

from prometheus_client import multiprocess  # noqa: E402 - see above

from lti_tool.app import create_app_for_server, start_embedded_worker  # noqa: E402
from lti_tool.services.catalog import Catalog  # noqa: E402

# The banks are read here, once: web processes are forked from this one and share them. Frozen, so that looking for
# garbage does not touch, and so copy, their pages.
Catalog.load()
gc.freeze()
gc.enable()

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


def child_exit(server, worker):
    """What a web process that ended has counted stays counted."""
    multiprocess.mark_process_dead(worker.pid)


__all__ = ["create_app_for_server"]
