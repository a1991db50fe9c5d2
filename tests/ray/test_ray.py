"""The Ray engine on a real cluster of two processors: the same bytes as here, whatever is killed."""

from __future__ import annotations

import hashlib
import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fastecg.dataset.remote import Remote
from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import Summary, generate
from fastecg.dataset.verify import verify
from fastecg.errors import OutputError
from fastecg.formats.registry import make_writer
from fastecg.pipeline import Generator
from fastecg.recipe import Recipe

pytestmark = [pytest.mark.ray, pytest.mark.pages]

DATASET_TESTS = Path(__file__).parents[1] / "dataset"
RAY = Work(engine="ray")
HERE = Work(workers=0)


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    """Return the recipe of small pages."""
    return Generator("clean", overrides={"page.dpi": 60}).recipe


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Start a cluster, whose workers can import the sources of these tests."""
    ray = importlib.import_module("ray")
    paths = os.pathsep.join([str(DATASET_TESTS), *filter(None, sys.path)])
    variables = {"PYTHONPATH": paths, "FASTECG_TEST": str(os.getpid())}
    ray.init(
        address="local",
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        runtime_env={"env_vars": variables},
    )
    yield ray
    ray.shutdown()


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the class of records that bring down workers."""
    monkeypatch.syspath_prepend(str(DATASET_TESTS))
    monkeypatch.setenv("FASTECG_TEST", str(os.getpid()))
    return importlib.import_module("faulty").Faulty


def hashes(folder: Path) -> dict[str, str]:
    """Return the content of a dataset, but for what tells of runs."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".fastecg" not in path.parts
    }


def failed(summary: Summary) -> set[tuple[str, str, str]]:
    return {(failure.key, failure.error, failure.message) for failure in summary.failures}


def workers_of_ray() -> list[int]:
    """Return the processes that have a task of ours, of all those that Ray started."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], check=True, capture_output=True, text=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "ray::make_task" in line]


@pytest.mark.parametrize("dataset", ["files", "webdataset"])
def test_the_same_bytes_as_here(tmp_path: Path, recipe: Recipe, cluster: Any, dataset: str) -> None:
    writer = make_writer(dataset) if dataset == "files" else make_writer(dataset, shard_size=4)
    run = Run(tmp_path / "here", recipe, limit=7, copies=3, files=writer)
    generate(None, run, HERE)
    summary = generate(None, replace(run, output=tmp_path / "ray"), RAY)
    assert (summary.written, summary.ok) == (21, True)
    assert hashes(tmp_path / "ray") == hashes(tmp_path / "here")
    assert verify(tmp_path / "ray").ok


def test_killing_workers_changes_no_byte(tmp_path: Path, recipe: Recipe, cluster: Any) -> None:
    run = Run(tmp_path / "here", recipe, limit=20, copies=8)
    generate(None, run, HERE)
    events: list[dict[str, Any]] = []
    killed: list[int] = []
    begun = threading.Event()

    def kill_two() -> None:
        begun.wait(60)
        while len(killed) < 2 and begun.is_set():
            for busy in workers_of_ray()[:1]:
                os.kill(busy, signal.SIGKILL)
                killed.append(busy)
                time.sleep(0.5)

    def listen(event: dict[str, Any]) -> None:
        events.append(event)
        if event["event"] == "unit":
            begun.set()
            time.sleep(0.02)  # long enough to be killed in

    killer = threading.Thread(target=kill_two)
    killer.start()
    summary = generate(None, replace(run, output=tmp_path / "ray"), RAY, on_event=listen)
    begun.clear()
    killer.join()
    assert (summary.written, summary.failed, summary.stopped) == (160, 0, "")
    assert len(killed) == 2
    assert [event for event in events if event["event"] == "worker"]
    assert hashes(tmp_path / "ray") == hashes(tmp_path / "here")


def test_each_engine_goes_on_where_the_other_was_stopped(
    tmp_path: Path, recipe: Recipe, cluster: Any
) -> None:
    run = Run(tmp_path / "mixed", recipe, limit=40)
    stop = threading.Event()

    def stop_at(unit: int) -> Any:
        def listen(event: dict[str, Any]) -> None:
            if event["event"] == "unit" and event["unit"] >= unit:
                stop.set()

        stop.clear()
        return listen

    first = generate(None, run, RAY, on_event=stop_at(4), stop=stop)
    assert 0 < first.written < 20
    assert (first.failed, first.stopped) == (0, "interrupted")
    second = generate(None, run, HERE, on_event=stop_at(20), stop=stop)
    assert second.skipped == first.written
    last = generate(None, run, RAY)
    assert last.skipped == first.written + second.written
    assert (last.written, last.ok) == (40 - last.skipped, True)
    generate(None, replace(run, output=tmp_path / "here"), HERE)
    assert hashes(tmp_path / "mixed") == hashes(tmp_path / "here")


@pytest.mark.parametrize("fault", ["segfault", "loop", "memory"])
def test_what_brings_down_workers_is_reported_as_it_is_here(
    tmp_path: Path, recipe: Recipe, cluster: Any, faulty: Any, fault: str
) -> None:
    sources = [faulty("a"), faulty("b", fault), *(faulty(f"c{k}") for k in range(4))]
    timeout_s = 5.0 if fault == "loop" else 100.0
    work = Work(workers=2, timeout_s=timeout_s, memory_mb=3000)
    run = Run(tmp_path / "here", recipe)
    here = generate(sources, run, work)
    there = generate(sources, replace(run, output=tmp_path / "ray"), replace(work, engine="ray"))
    assert here.failed == 1
    assert (there.written, there.failed, there.stopped) == (here.written, 1, "")
    assert failed(there) == failed(here)
    assert hashes(tmp_path / "ray") == hashes(tmp_path / "here")


def test_no_more_tasks_are_handed_out_than_the_cluster_can_do(
    tmp_path: Path, recipe: Recipe, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    doorway = importlib.import_module("fastecg.dataset._ray")
    waited = doorway._landed
    most = 0

    def count(ray: Any, refs: list[Any]) -> list[Any]:
        nonlocal most
        most = max(most, len(refs))
        return list(waited(ray, refs))

    monkeypatch.setattr(doorway, "_landed", count)
    generate(None, Run(tmp_path / "auto", recipe, limit=30), RAY)
    assert most == 4
    most = 0
    generate(None, Run(tmp_path / "one", recipe, limit=5), replace(RAY, workers=1))
    assert most == 1


def test_a_worker_with_other_versions_is_refused(
    tmp_path: Path, recipe: Recipe, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions = importlib.import_module("fastecg.dataset.plan").versions
    monkeypatch.setattr("fastecg.dataset.plan.versions", lambda: {**versions(), "numba": "0.1"})
    with pytest.raises(OutputError, match=r"a worker of the cluster has numba .*\(allowed: 0\.1"):
        generate(None, Run(tmp_path, recipe, limit=2), RAY)


def test_an_address_as_source_and_output(
    tmp_path: Path, recipe: Recipe, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fastecg

    monkeypatch.setenv("FASTECG_CACHE_DIR", str(tmp_path / "cache"))
    fastecg.pack_records(fastecg.builtin_records(4), tmp_path / "four.fecg")
    run = Run(tmp_path / "here", recipe, copies=2)
    generate(tmp_path / "four.fecg", run, HERE)
    remote = f"local://{tmp_path}/there"
    summary = generate(
        f"local://{tmp_path}/four.fecg", replace(run, output=tmp_path / "notes", remote=remote), RAY
    )
    assert (summary.written, summary.ok) == (8, True)
    assert hashes(tmp_path / "there") == hashes(tmp_path / "here")
    assert Remote(remote).read("SHA256SUMS.txt")


def test_the_command_starts_a_cluster_of_its_own(tmp_path: Path) -> None:
    done = fastecg_generate(tmp_path, "pages", "--limit", "2", "--engine", "ray")
    assert "2 pages written" in done.stderr
    assert len(list((tmp_path / "pages").glob("*.png"))) == 2


def test_a_run_that_is_killed_can_be_gone_on_with(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fastecg", "generate", "pages", "--limit", "40", "--engine", "ray"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    pages = tmp_path / "pages"
    while len(list(pages.glob("*.png"))) < 4 and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert 4 <= len(list(pages.glob("*.png"))) < 40
    done = fastecg_generate(tmp_path, "pages", "--limit", "40", "--workers", "0")
    assert "0 skipped" not in done.stderr
    fastecg_generate(tmp_path, "here", "--limit", "40", "--workers", "0")
    assert hashes(pages) == hashes(tmp_path / "here")


def fastecg_generate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "RAY_ADDRESS"}
    command = [sys.executable, "-m", "fastecg", "generate", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done
