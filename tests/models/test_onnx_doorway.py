"""The doorway to ONNX Runtime: it opens what it says, where it says, or raises."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from fastecg_models._onnx import PROVIDERS, open_model
from fastecg_models.errors import ModelError


def fake_runtime(monkeypatch: pytest.MonkeyPatch, known: list[str], running: list[str]) -> None:
    """Put a runtime in place that knows some providers and brings up others."""
    inner = SimpleNamespace(
        get_providers=lambda: running,
        get_modelmeta=lambda: SimpleNamespace(custom_metadata_map={"unit": "1"}),
    )
    fake = SimpleNamespace(
        get_available_providers=lambda: known,
        preload_dlls=lambda: None,
        SessionOptions=SimpleNamespace,
        InferenceSession=lambda *_, **__: inner,
    )
    monkeypatch.setitem(sys.modules, "onnxruntime", fake)


def test_what_is_no_model_is_not_opened() -> None:
    with pytest.raises(ModelError, match="cannot open the model on cpu"):
        open_model(b"no model")


def test_an_unknown_provider_is_named() -> None:
    with pytest.raises(ModelError, match=r"'abacus' is unknown \(allowed: cpu, cuda, tensorrt\)"):
        open_model(b"", "abacus")


def test_a_runtime_without_the_provider_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_runtime(monkeypatch, [PROVIDERS["cpu"]], [PROVIDERS["cpu"]])
    with pytest.raises(ModelError, match=r"pip install 'fastecg\[gpu-cuda13\]'"):
        open_model(b"", "cuda")


def test_a_provider_that_does_not_come_up_is_not_silently_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_runtime(monkeypatch, list(PROVIDERS.values()), [PROVIDERS["cpu"]])
    with pytest.raises(ModelError, match="CUDAExecutionProvider did not come up, CPUExecutionProvider did"):
        open_model(b"", "cuda")


def test_a_provider_that_comes_up_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_runtime(monkeypatch, list(PROVIDERS.values()), [PROVIDERS["cuda"], PROVIDERS["cpu"]])
    session = open_model(b"", "cuda")
    assert session.provider == "cuda"
    assert session.properties == {"unit": "1"}


def test_without_the_runtime_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"pip install 'fastecg\[onnx\]'"):
        open_model(b"")


def test_a_runtime_damaged_by_an_uninstall_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", SimpleNamespace())
    with pytest.raises(ModelError, match="removing one damages the other; pip install --force-reinstall"):
        open_model(b"")
