"""The one error tree of fastecg.

FastECGError
├── RecordError            a record cannot be read or drawn
├── RecipeError            a recipe, layout or page value is unknown or out of range
├── OutputError            a page cannot be written
├── DigitizeError         a picture cannot be read as an ECG
├── PhraseError            a text, site or pipeline that phrases should come from gives none
├── DeviceError            a GPU is not there, or has too little memory
└── MissingExtraError      an optional package is not installed

Every message says what was given, what is allowed and what to do about it.
"""

from __future__ import annotations


class FastECGError(Exception):
    """Base of all errors a user can cause and mend.

    Parameters
    ----------
    given
        What was given or found, naming the file, lead or key.
    allowed
        What is allowed instead; may be empty.
    action
        What to do about it; may be empty.

    Examples
    --------
    >>> str(FastECGError("dpi is 0", "50 to 600", "choose another dpi"))
    'dpi is 0 (allowed: 50 to 600); choose another dpi'
    """

    def __init__(self, given: str, allowed: str = "", action: str = "") -> None:
        self.given = given
        self.allowed = allowed
        self.action = action
        message = f"{given} (allowed: {allowed})" if allowed else given
        super().__init__(f"{message}; {action}" if action else message)

    def __reduce__(self) -> tuple[type[FastECGError], tuple[str, str, str]]:
        return type(self), (self.given, self.allowed, self.action)


class RecordError(FastECGError):
    """A record cannot be read or drawn: bad header, missing samples, impossible values."""


class RecipeError(FastECGError):
    """A recipe, layout, paper or page value is unknown or out of range."""


class OutputError(FastECGError):
    """A page cannot be written: no permission, no space, a file where a folder should be."""


class DigitizeError(FastECGError):
    """A picture cannot be read as an ECG: no ECG on it, a broken or huge file, a strip of another shape."""


class PhraseError(FastECGError):
    """A text, site or pipeline that phrases should come from cannot be read, or nothing is found in it."""


class DeviceError(FastECGError):
    """A GPU is not there, cannot be used, or has too little memory."""


class MissingExtraError(FastECGError, ImportError):
    """An optional package is not installed; the message prints the pip line."""


class RecordWarning(UserWarning):
    """A record was read, but something in it was mended on the way."""


class DeviceWarning(UserWarning):
    """A GPU has less memory than was hoped for; the pages are the same, and come more slowly."""
