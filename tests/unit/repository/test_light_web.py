"""A web process carries none of the libraries that fitting needs: they cost a second and 150 MB each time."""

import subprocess
import sys

OPTIONAL = ("opentelemetry", "sentry_sdk", "alembic", "authlib", "joserfc")
HEAVY = ("numpy", "pandas", "sklearn", "scipy", "numba", "pyBKT", "pyarrow", "duckdb", "dask", "distributed", *OPTIONAL)
WEB = "import lti_tool.app, lti_tool.runtime, lti_tool.cli, lti_tool.services.upkeep.worker, engine.tutor"
PREDICTOR = "import engine.predictor"
SHOW = f"{WEB}; {PREDICTOR}; import sys; print([m for m in {HEAVY!r} if m in sys.modules])"


def test_serving_pupils_imports_no_batch_library() -> None:
    found = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
