"""What can go wrong with a model, for the caller to mend."""

from __future__ import annotations


class ModelError(Exception):
    """A model or its input is not usable; the message says what was given, allowed and what to do.

    Examples
    --------
    >>> raise ModelError("pen.onnx is damaged: install the package again")
    Traceback (most recent call last):
    fastecg_models.errors.ModelError: pen.onnx is damaged: install the package again
    """
