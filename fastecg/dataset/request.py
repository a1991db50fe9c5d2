"""What a run is asked for: which pages, in which format, where to, and by how many workers."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fastecg.dataset.sources import Source, check_seed
from fastecg.errors import RecipeError
from fastecg.formats.single_files import SingleFiles
from fastecg.formats.writer import Writer
from fastecg.recipe import Recipe, RecipeLike, load_recipe

SourceLike = str | os.PathLike[str] | Iterable[Source] | None
"""A folder, a RECORDS file or a record; sources; or None for the built-in records."""

ENGINES: Final = ("local", "ray")
TIMEOUT_S: Final = 300.0
"""Longest that a page may take; on a cold start the kernels are compiled in it."""


@dataclass(frozen=True, slots=True)
class Run:
    """Which dataset to make, and where to put it.

    Parameters
    ----------
    output
        Folder of the dataset; records keep their sub-folders in it.
    recipe
        Name of a built-in recipe, path of a YAML file, or a Recipe.
    seed
        Seed of the dataset, 0 to 2**64 - 1.
    copies
        Pages per window of a record, each drawn anew; as many as the recipe says unless given.
    limit
        Most records to use; all unless given.
    files
        What pages become: the writer of a format, see :func:`fastecg.formats.registry.make_writer`.
    remote
        Address that the dataset goes to, such as ``s3://bucket/pages``; the output is then a folder for
        notes of the run, see :func:`fastecg.dataset.remote.located`.

    Raises
    ------
    RecipeError
        If the seed or the number of copies is out of range.
    """

    output: Path
    recipe: RecipeLike = "clean"
    seed: int = 0
    copies: int | None = None
    limit: int | None = None
    files: Writer = field(default_factory=SingleFiles)
    remote: str = ""

    @property
    def where(self) -> str:
        """Where the dataset is, in words."""
        return self.remote or str(self.output)

    def __post_init__(self) -> None:
        check_seed(self.seed)
        if self.copies is not None and self.copies < 1:
            raise RecipeError(
                f"{self.copies} copies are asked for", "1 or more", "leave --copies out for one page each"
            )

    def loaded(self) -> tuple[Recipe, int]:
        """Return the recipe and the number of copies."""
        recipe = load_recipe(self.recipe)
        return recipe, recipe.copies if self.copies is None else self.copies


@dataclass(frozen=True, slots=True)
class Work:
    """How to make it; none of this changes a byte of the dataset.

    Parameters
    ----------
    workers
        Processes that render; 0 for none but this one, where a record that brings its process
        down takes the run with it. As many as there are processors unless given.
    shard
        Which part of the units to make, such as ``(1, 4)`` for the first of four; the last one that ends
        completes the dataset.
    timeout_s
        Longest that one page may take before it counts as failed; needs workers.
    memory_mb
        Most memory of one worker, MB; four fifths of the machine's unless given. Linux only.
    backend
        ``auto``, ``cpu``, ``cuda`` or ``reference``.
    engine
        ``local`` for worker processes of this machine, or ``ray`` for those of a Ray cluster: then the
        workers are how many tasks it is given at a time (two for each of its processors unless given).
    address
        The Ray cluster; that of ``RAY_ADDRESS``, else one of this machine alone, unless given.

    Raises
    ------
    RecipeError
        If a value is out of range.
    """

    workers: int | None = None
    shard: tuple[int, int] = (1, 1)
    timeout_s: float = TIMEOUT_S
    memory_mb: int | None = None
    backend: str = "auto"
    engine: str = "local"
    address: str | None = None

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise RecipeError(f"engine {self.engine!r} is not known", ", ".join(ENGINES))
        if self.address is not None and self.engine != "ray":
            raise RecipeError(
                f"the address {self.address} is of no use to engine {self.engine}", "engine ray"
            )
        if self.engine == "ray" and self.workers == 0:
            raise RecipeError("0 workers are asked for", "1 or more with engine ray")
        part, parts = self.shard
        if not 1 <= part <= parts:
            raise RecipeError(f"the shard is {part}/{parts}", "1/N to N/N, such as 1/4", "count from 1")
        if self.workers is not None and not 0 <= self.workers <= 1024:
            raise RecipeError(f"{self.workers} workers are asked for", "0 to 1024")
        if not self.timeout_s > 0:
            raise RecipeError(f"the timeout is {self.timeout_s:g} s", "more than 0")
        if self.memory_mb is not None and self.memory_mb < 256:
            raise RecipeError(f"the memory limit is {self.memory_mb} MB", "256 or more")

    @property
    def processes(self) -> int:
        """How many workers there are."""
        return processors() if self.workers is None else self.workers


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
