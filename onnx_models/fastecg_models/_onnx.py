"""The one doorway to ONNX Runtime: opens models and checks where they really run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fastecg_models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

PROVIDERS: Final = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
}


@dataclass(frozen=True, slots=True)
class Session:
    """An opened model."""

    _inner: Any
    provider: str
    """Where it runs: a key of ``PROVIDERS``."""
    properties: Mapping[str, str]
    """What the file says about itself."""

    def run(self, outputs: Sequence[str], inputs: Mapping[str, NDArray[Any]]) -> list[NDArray[np.float32]]:
        """Compute some outputs.

        Parameters
        ----------
        outputs : Sequence[str]
            Names of wanted outputs.
        inputs : Mapping[str, NDArray]
            All inputs by name.
        """
        found: list[NDArray[np.float32]] = self._inner.run(list(outputs), dict(inputs))
        return found


def open_model(content: bytes, provider: str = "cpu", *, threads: int = 1) -> Session:
    """Open a model on one processor.

    Parameters
    ----------
    content : bytes
        An ONNX file.
    provider : str
        ``cpu``, ``cuda`` or ``tensorrt``.
    threads : int
        Threads for one operation, at least 1. The results do not depend on it.

    Returns
    -------
    Session
        The opened model.

    Raises
    ------
    ModelError
        If ONNX Runtime is not installed, does not know the provider, or cannot bring it up, or if the
        content is no model.

    Examples
    --------
    >>> open_model(b"", "abacus")
    Traceback (most recent call last):
    fastecg_models.errors.ModelError: provider 'abacus' is unknown (allowed: cpu, cuda, tensorrt)
    """
    if provider not in PROVIDERS:
        raise ModelError(f"provider {provider!r} is unknown (allowed: {', '.join(PROVIDERS)})")
    runtime = _runtime()
    wanted = PROVIDERS[provider]
    if wanted not in runtime.get_available_providers():
        raise ModelError(
            f"the installed ONNX Runtime has no {wanted}; in an environment without onnxruntime: "
            "pip install 'fastecg[gpu-cuda13]', or gpu-cuda12 for older drivers"
        )
    if provider != "cpu":
        runtime.preload_dlls()  # finds CUDA where pip has put it
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Providers that come up by themselves are named too: without that a fallback would stay unseen.
    chain = [wanted] if provider == "cpu" else [wanted, PROVIDERS["cpu"]]
    try:
        inner = runtime.InferenceSession(content, options, providers=chain)
    except Exception as error:
        raise ModelError(f"ONNX Runtime cannot open the model on {provider}: {error}") from error
    running = inner.get_providers()[0]
    if running != wanted:
        raise ModelError(f"{wanted} did not come up, {running} did; check the driver or choose provider cpu")
    return Session(inner, provider, dict(inner.get_modelmeta().custom_metadata_map))


def _runtime() -> Any:  # noqa: ANN401 - onnxruntime is an optional package without types
    try:
        import onnxruntime  # noqa: PLC0415 - optional
    except ImportError as error:
        raise ModelError("this needs ONNX Runtime: pip install 'fastecg[onnx]'") from error
    if not hasattr(onnxruntime, "InferenceSession"):
        raise ModelError(
            "ONNX Runtime is broken: onnxruntime and onnxruntime-gpu share a folder, removing one damages "
            "the other; pip install --force-reinstall the one you want"
        )
    return onnxruntime
