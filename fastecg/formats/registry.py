"""The table of formats: a new one is a file of its own and a line here."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Final

from fastecg.errors import RecipeError
from fastecg.formats.writer import Writer


@dataclass(frozen=True, slots=True)
class Format:
    """What a table row says: a line of help, the writer as ``module:name``, and the extra that it needs."""

    help: str
    writer: str
    extra: str = ""

    def factory(self) -> Callable[..., Writer]:
        """Return what makes its writers, which it imports."""
        module, _, name = self.writer.partition(":")
        factory: Callable[..., Writer] = getattr(import_module(f"fastecg.formats.{module}"), name)
        return factory


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "files": Format("An image and its annotations as single files.", "single_files:SingleFiles"),
        "webdataset": Format("Tar files of many pages each, to be streamed.", "web_dataset:WebDataset"),
        "parquet": Format("Tables with images, for Hugging Face datasets.", "parquet:Parquet", "shards"),
        "physionet2024": Format(
            "WFDB records whose headers name their images.", "physionet2024:PhysioNet2024"
        ),
        "kaggle2025": Format("Images and CSV files as in the competition.", "kaggle2025:Kaggle2025"),
        "kit": Format("Images, JSON and WFDB copies as ECG-Image-Kit writes them.", "kit:KitFiles"),
        "nnunet": Format("Images and label images for nnU-Net v2.", "nnunet:NnUNet"),
    }
)
"""All formats of datasets, by name."""


def make_writer(name: str, **options: object) -> Writer:
    """Return a writer of a format.

    Parameters
    ----------
    name
        A key of :data:`FORMATS`.
    **options
        What the format's writer takes; options that are None are left to its defaults.

    Raises
    ------
    RecipeError
        If there is no such format, it has no such option, or an option has no such value.
    MissingExtraError
        If the format needs a package that is not installed.

    Examples
    --------
    >>> make_writer("files", image="jpeg", quality=90).describe()["quality"]
    90
    """
    if name not in FORMATS:
        raise RecipeError(f"format {name!r} is not known", ", ".join(FORMATS))
    given = {key: value for key, value in options.items() if value is not None}
    taken = options_of(name)
    unknown = sorted(set(given) - set(taken))
    if unknown:
        raise RecipeError(f"format {name!r} has no option {unknown[0]!r}", ", ".join(taken), "leave it out")
    return FORMATS[name].factory()(**given)


def options_of(name: str) -> tuple[str, ...]:
    """Return the names of the options that a format takes.

    Examples
    --------
    >>> options_of("kaggle2025")
    ('image', 'quality')
    """
    return tuple(inspect.signature(FORMATS[name].factory()).parameters)
