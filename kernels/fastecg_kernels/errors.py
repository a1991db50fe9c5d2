"""What can go wrong with a backend, for the caller to mend."""

from __future__ import annotations


class BackendError(ImportError):
    """A backend cannot run on this machine; the message says what is missing and how to get it.

    Parameters
    ----------
    given
        What was found.
    action
        What to do about it.

    Examples
    --------
    >>> raise BackendError("there is no CUDA device", "use the backend cpu")
    Traceback (most recent call last):
    fastecg_kernels.errors.BackendError: there is no CUDA device; use the backend cpu
    """

    def __init__(self, given: str, action: str) -> None:
        self.given = given
        self.action = action
        super().__init__(f"{given}; {action}")

    def __reduce__(self) -> tuple[type[BackendError], tuple[str, str]]:
        return type(self), (self.given, self.action)
