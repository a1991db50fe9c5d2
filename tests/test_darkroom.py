"""Pictures taken on a GPU: the pages of the CPU, whatever the batch, also when memory runs out.

The kernels run on the CPU through the host shim, unchanged; those marked ``gpu`` run on a GPU.
"""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import DTypeLike

from fastecg import Generator, backends, builtin_record
from fastecg.darkroom import Darkroom
from fastecg.dataset.request import Run, Work
from fastecg.dataset.run import generate
from fastecg.errors import DeviceError, DeviceWarning, MissingExtraError, RecipeError
from fastecg.page import Page
from fastecg_kernels.cuda import CudaKernels, open_cuda
from fastecg_kernels.cuda._host import HostDevice
from fastecg_kernels.errors import BackendError

RECORDS = [builtin_record(k).record for k in range(3)]
SMALL: dict[str, Any] = {"page.dpi": 50, "wrinkles.candidates": 40}
pytestmark = pytest.mark.pages


class Cramped(HostDevice):
    """A GPU with room for so many bytes at a time."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room, self.used, self.freed = room, 0, 0

    def _take(self, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        self.used += array.nbytes
        if self.used > self.room:
            raise MemoryError(f"out of memory allocating {array.nbytes} bytes")
        return array

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike) -> Any:
        return self._take(super().empty(shape, dtype))

    def send(self, values: Any, dtype: DTypeLike) -> Any:
        return self._take(super().send(values, dtype))

    def fetch(self, array: Any) -> np.ndarray[Any, Any]:
        self.used = 0  # the batch is done
        return super().fetch(array)

    def free(self) -> None:
        self.used, self.freed = 0, self.freed + 1


@pytest.fixture(params=["host", pytest.param("gpu", marks=pytest.mark.gpu)])
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the backend cuda be the host shim, or a GPU."""
    if request.param == "gpu":
        try:
            open_cuda()
        except BackendError as error:
            pytest.skip(f"{error}")
    else:
        monkeypatch.setattr(backends, "open_cuda", lambda: CudaKernels(HostDevice()))


def on_host(monkeypatch: pytest.MonkeyPatch, device: HostDevice) -> None:
    monkeypatch.setattr(backends, "open_cuda", lambda: CudaKernels(device))


def assert_alike(ours: Page, theirs: Page) -> None:
    """The promise to users; on the host shim, which rounds as the CPU does, the images are equal."""
    off = np.abs(ours.image.astype(int) - theirs.image)
    assert off.max() <= 1
    assert (off.max(axis=2) > 0).mean() <= 0.02
    assert ours.truth.to_json("a.png") == theirs.truth.to_json("a.png")


@pytest.mark.parametrize(
    "recipe", ["clean", "paper", "photo", "photo-screen", "damaged", "scan-bw", "varied"]
)
def test_pages_are_those_of_the_cpu(device: None, recipe: str) -> None:
    """Image and truth, for pages of different sizes, flat and bent, whole and cut, blurred and sharp."""
    ours, theirs = (
        Generator(recipe, backend, SMALL).render(RECORDS, seed=3, copies=2) for backend in ("cuda", "cpu")
    )
    pages = list(zip(ours, theirs, strict=True))
    assert len(pages) == 6
    for one, other in pages:
        assert_alike(one, other)


def test_everything_at_once_is_that_of_the_cpu(device: None) -> None:
    values: dict[str, Any] = {
        "perspective": {"enabled": True, "tilt_x_deg": 9, "fill": 0.9, "lens": {"k1": 0.02}},
        "wrinkles": {"enabled": True, "candidates": 30},
        "creases": {"enabled": True, "n_vertical": 2},
        "imaging": {
            "enabled": True,
            "blur": {"defocus_mm": 1.0, "motion_mm": 0.8, "motion_deg": 20},
            "screen": {"strength": 0.2, "mesh": 0.1},
            "light": {"temperature_k": 3000, "vignetting": 0.2},
            "tone": {"contrast": 1.1, "veil": 10},
            "noise": {"gaussian_sd": 3, "poisson_sd": 3, "salt_pepper": 0.01},
            "scanner": {"streaks": 3, "dust_dm2": 5, "white": (250, 248, 240)},
            "bilevel": {"mode": "gray"},
        },
    }  # fmt: skip
    both = [Generator("clean", backend, {"page.dpi": 60, **values}) for backend in ("cuda", "cpu")]
    spec = both[0].draw(RECORDS[0], seed=5)
    assert_alike(*(generator.render_spec(RECORDS[0], spec) for generator in both))


def test_a_page_alone_is_the_page_of_a_batch(device: None) -> None:
    generator = Generator("photo", "cuda", SMALL)
    specs = [(record, generator.draw(record, seed=8)) for record in RECORDS]
    together = list(generator.render_specs(iter(specs)))
    for page, (record, spec) in zip(together, specs, strict=True):
        alone = generator.render_spec(record, spec)
        assert np.array_equal(page.image, alone.image)
        assert page.truth.record.name == record.name


def test_without_memory_a_batch_is_halved_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it fits; later batches begin with what fitted, the pages are the same, and none is lost."""
    cpu = list(Generator("photo", "cpu", SMALL).render(RECORDS, seed=2, copies=3))
    one_page = 6 * cpu[0].image.nbytes
    device = Cramped(3 * one_page)
    on_host(monkeypatch, device)
    generator = Generator("photo", "cuda", SMALL)
    with pytest.warns(DeviceWarning, match="not enough for .* pages at a time: going on with ") as caught:
        pages = list(generator.render(RECORDS, seed=2, copies=3))
    assert 1 <= len(caught) == device.freed <= 3
    for one in caught:
        before, after = (int(number) for number in re.findall(r"\d+", str(one.message)))
        assert after == before // 2
    assert len(pages) == 9
    for ours, theirs in zip(pages, cpu, strict=True):
        assert np.array_equal(ours.image, theirs.image)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is known by now
        assert len(list(generator.render(RECORDS, seed=2))) == 3


def test_memory_for_no_page_is_an_error_that_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    on_host(monkeypatch, Cramped(1000))
    with pytest.raises(DeviceError, match=r"one image of 550 x 425 px .*bytes.*choose a lower page\.dpi"):
        list(Generator("clean", "cuda", SMALL).render(RECORDS[:1]))


def test_any_other_fault_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(HostDevice):
        def launch(self, *args: Any) -> None:  # noqa: ARG002 - as the other takes them
            raise RuntimeError("an illegal memory access")

    on_host(monkeypatch, Broken())
    with pytest.raises(RuntimeError, match="illegal"):
        list(Generator("clean", "cuda", SMALL).render(RECORDS[:1]))


def missing(cause: Exception) -> Any:
    def open_nothing() -> CudaKernels:
        raise BackendError("there is nothing", "do this") from cause

    return open_nothing


@pytest.mark.parametrize(
    ("cause", "kind"), [(ImportError("no cupy"), MissingExtraError), (RuntimeError("no driver"), DeviceError)]
)
def test_what_is_missing_is_said_at_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, cause: Exception, kind: type[Exception]
) -> None:
    """When a Generator is made, and before a dataset's run begins; and auto takes the CPU."""
    monkeypatch.setattr(backends, "open_cuda", missing(cause))
    monkeypatch.setattr(backends, "has_cupy", lambda: True)
    with pytest.raises(kind, match="there is nothing; do this"):
        Generator("clean", "cuda")
    with pytest.raises(kind, match="there is nothing; do this"):
        generate(None, Run(tmp_path / "pages", limit=1), Work(workers=0, backend="cuda"))
    assert not (tmp_path / "pages").exists()
    assert len(list(Generator("clean", "auto", SMALL).render(RECORDS[:1]))) == 1
    with pytest.raises(RecipeError, match=r"backend 'gpu' .*auto, cpu, cuda, reference"):
        Generator("clean", "gpu")


def test_without_cupy_the_pip_line_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(MissingExtraError, match=r'pip install "fastecg\[gpu-cuda12\]"'):
        Generator("clean", "cuda")


def test_auto_takes_a_gpu_that_is_there_and_looks_for_it_late(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    def open_host() -> CudaKernels:
        opened.append(1)
        return CudaKernels(HostDevice())

    monkeypatch.setattr(backends, "open_cuda", open_host)
    monkeypatch.setattr(backends, "has_cupy", lambda: True)
    generator = Generator("clean", "auto", SMALL)
    assert not opened  # a process that makes one may still fork
    list(generator.render(RECORDS[:2]))
    assert opened == [1]
    assert isinstance(generator._gpu.darkroom, Darkroom)
    assert Generator("clean", "cpu")._gpu.darkroom is None
