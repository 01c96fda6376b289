"""The fit on two worker processes of a Dask cluster gives what one process gives."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from lti_tool.services.parameters.large_fit import distributed, fit_parts, parts_of, sort_by_skill
from tests.unit.lti_tool.services.parameters.test_large_fit import file

pytestmark = pytest.mark.long


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::RuntimeWarning")
def test_two_workers_fit_what_one_process_fits(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from distributed import LocalCluster

        path, _ = sort_by_skill(file(tmp_path, timed=False), tmp_path)
        parts = parts_of(path, rows=320)
        with LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
        ) as cluster:
            run, close = distributed(cluster.scheduler_address)
            try:
                found = fit_parts(parts, run, forgetting=False, max_rounds=20)
            finally:
                close()
    assert found == fit_parts(parts, forgetting=False, max_rounds=20)
