"""Each stage and each job of a user beside its plain reference, on small pages; what the gate watches."""

from __future__ import annotations

import importlib
import sys
import time
from types import FrameType
from typing import Any

import pytest

from bench import image_cases, print_cases, stage_cases, user_cases
from bench.cases import JOBS, STAGES
from bench.gate import Beside, Job

REGISTERED = (image_cases, print_cases, stage_cases, user_cases)
pytestmark = pytest.mark.benchmark(group="each stage", timer=time.thread_time)


def enters(job: Job, module: str) -> bool:
    """Say whether a job calls a function of a module."""
    entered = False

    def watch(frame: FrameType, event: str, _: Any) -> None:  # noqa: ANN401 - what Python hands over
        nonlocal entered
        entered = entered or (event == "call" and frame.f_globals.get("__name__") == module)

    sys.setprofile(watch)
    try:
        job()
    finally:
        sys.setprofile(None)
    return entered


@pytest.mark.parametrize("name", sorted(STAGES))
def test_stage(beside: Beside, name: str) -> None:
    """The stage, in its own module, beside what does the same without thinking of speed."""
    module = f"fastecg.stages.{name}"
    importlib.import_module(module)
    job, plain = STAGES[name]()
    assert enters(job, module)
    beside(job, plain)


@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame")  # wfdb 4.3 with pandas 3
@pytest.mark.parametrize("name", sorted(JOBS))
def test_job(beside: Beside, name: str) -> None:
    """What a user does, beside what others do it with."""
    beside(*JOBS[name]())
