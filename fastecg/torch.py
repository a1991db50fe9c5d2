"""Pages for PyTorch, rendered as they are asked for: nothing is written to a disk.

``PageDataset`` is map style, for samplers and random access; ``PageStream`` is iterable. Both have the
same pages, each exactly once in an epoch over all ranks and workers, and other pages in the next.
Importing this module needs torch: ``pip install 'fastecg[torch]'``.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Literal, get_args

from fastecg.errors import FastECGError, MissingExtraError, RecordError, RecordWarning
from fastecg.page import Page
from fastecg.recipe import RecipeLike
from fastecg.serving import PageMaker, PageName, PagePlan, count_windows
from fastecg.sourcing import RecordsLike, list_sources
from fastecg.targets import PICTURES, check_targets, make_targets

try:
    import torch
    import torch.distributed
    from torch.utils.data import Dataset, IterableDataset, Sampler, get_worker_info
except ImportError:
    raise MissingExtraError("fastecg.torch needs torch", "", "pip install 'fastecg[torch]'") from None

Sample = dict[str, Any]
Transform = Callable[[Page], Sample]
Bad = Literal["raise", "skip"]

__all__ = ["PageDataset", "PageSampler", "PageStream", "collate_pages", "to_sample"]

_VARIABLES: Final = ("RANK", "WORLD_SIZE")


class _Pages:
    """What both kinds of dataset are made of; see :class:`PageDataset` for the parameters."""

    def __init__(  # noqa: PLR0913 - a dataset has that many sides
        self,
        records: RecordsLike = None,
        recipe: RecipeLike = "clean",
        *,
        seed: int = 0,
        copies: int | None = None,
        epoch: int = 0,
        targets: Sequence[str] = (),
        transform: Transform | None = None,
        bad: Bad = "raise",
        backend: str = "auto",
        overrides: dict[str, Any] | None = None,
    ) -> None:
        if bad not in get_args(Bad):
            raise FastECGError(f"bad is {bad!r}", ", ".join(get_args(Bad)))
        self._maker = PageMaker(recipe, seed=seed, backend=backend, overrides=overrides)
        self._sources = list_sources(records, seed=seed)
        self._copies = self._maker.recipe.copies if copies is None else copies
        self._targets = check_targets(targets)
        self._transform = transform
        self._skip_bad = bad == "skip"
        # Shared with workers that live on from epoch to epoch: they have copies of all else.
        self._epoch = torch.tensor(epoch, dtype=torch.int64).share_memory_()
        windows = count_windows(self._sources, self._maker, skip_bad=self._skip_bad)
        self._plan = PagePlan(windows, len(self._sources), self._copies)

    @property
    def epoch(self) -> int:
        """The epoch whose pages are served."""
        return int(self._epoch)

    def set_epoch(self, epoch: int) -> None:
        """Serve the pages of an epoch, 0 or more; also in workers that have started already."""
        if epoch < 0:
            raise FastECGError(f"the epoch is {epoch}", "0 or more")
        self._epoch.fill_(epoch)

    def page(self, number: int) -> Page:
        """Return a page of this epoch by its number, with all that is known about it."""
        return self._page(self._plan.page(number, epoch=self.epoch))

    def _page(self, name: PageName) -> Page:
        source = self._sources[name.source]
        return self._maker.make(self._maker.read(source), source.key, name.window, name.copy)

    def _sample(self, number: int, epoch: int) -> Sample | None:
        """Return a page's sample; None, and a warning, if its record is bad and those are skipped."""
        name = self._plan.page(number, epoch=epoch)
        try:
            page = self._page(name)
        except Exception as error:
            if not self._skip_bad:
                raise
            warnings.warn(f"left out: {error}", RecordWarning, stacklevel=3)
            return None
        sample = to_sample(page, self._targets)
        sample |= {
            "key": self._sources[name.source].key,
            "window": name.window,
            "copy": name.copy,
            "sampling_rate_hz": page.truth.record.sampling_rate_hz,
        }
        return sample if self._transform is None else sample | self._transform(page)


class PageDataset(_Pages, Dataset):
    """Pages by number, for a DataLoader with a sampler: map style.

    A sample is a dict: ``image`` (3, H, W) uint8, which shares memory with the page; ``key``, ``window``,
    ``copy`` and ``sampling_rate_hz``; the targets; and what ``transform`` adds. Each process
    and thread renders with a Generator of its own, made for its first page.

    Parameters
    ----------
    records
        A folder, a ``RECORDS`` file, a record or a packed store by its path; records or sources; None
        for the built-in records. A packed store is best: it is shared by all workers.
    recipe, backend, overrides
        As for :class:`fastecg.Generator`.
    seed
        Seed of the dataset.
    copies
        Pages of each window in an epoch; as many as the recipe says unless given.
    epoch
        The first epoch; see :meth:`set_epoch`.
    targets
        Any of ``fastecg.targets.TARGETS``, such as ``("signals", "boxes", "mask_leads")``.
    transform
        Called with each :class:`fastecg.Page`; the dict it returns is added to the sample.
    bad
        ``skip`` makes None of pages whose record cannot be read or drawn, which :func:`collate_pages`
        leaves out; ``raise`` raises.

    Raises
    ------
    FastECGError
        If a value or the source is not possible, or a record is bad and that is to be raised.

    Examples
    --------
    >>> dataset = PageDataset(None, "clean", targets=("signals",), overrides={"page.dpi": 50})
    >>> sample = dataset[3]
    >>> len(dataset), sample["image"].shape, sample["signals"].shape
    (10, torch.Size([3, 425, 550]), torch.Size([12, 5000]))
    """

    def __len__(self) -> int:
        return len(self._plan)

    def __getitem__(self, number: int | tuple[int, int]) -> Sample | None:
        """Return a sample by its number in this epoch, or by the epoch and its number in that."""
        epoch, number = number if isinstance(number, tuple) else (self.epoch, number)
        return self._sample(int(number), epoch)


class PageStream(_Pages, IterableDataset):
    """The pages of an epoch one after another, shared out to ranks and workers: iterable style.

    Every page comes exactly once in an epoch over all ranks and workers. The rank is that of
    ``torch.distributed`` if it is initialised, else of the variables RANK and WORLD_SIZE. Where pages
    do not share out evenly, some ranks have one more.

    Parameters
    ----------
    records, recipe
        As for :class:`PageDataset`.
    shuffle
        Serve the pages in another order every epoch.
    **others
        As for :class:`PageDataset`; pages of bad records are left out if ``bad`` is ``skip``.

    Examples
    --------
    >>> stream = PageStream(None, "clean", shuffle=True, overrides={"page.dpi": 50})
    >>> len(stream), sorted(sample["key"] for sample in stream)[0]
    (10, 'synthetic-0000')
    """

    def __init__(
        self,
        records: RecordsLike = None,
        recipe: RecipeLike = "clean",
        *,
        shuffle: bool = False,
        **others: Any,  # noqa: ANN401 - those of PageDataset
    ) -> None:
        super().__init__(records, recipe, **others)
        self._shuffle = shuffle
        self._shard: tuple[int, int] | None = None

    def __len__(self) -> int:
        return len(range(self._rank()[0], len(self._plan), self._rank()[1]))

    def __iter__(self) -> Iterator[Sample]:
        rank, world = self._rank()
        worker = get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        epoch = self.epoch
        order = self._plan.order(epoch, self._maker.seed, shuffle=self._shuffle)
        for number in order[rank::world][first::step]:
            sample = self._sample(int(number), epoch)
            if sample is not None:
                yield sample

    def __getstate__(self) -> dict[str, Any]:
        # A spawned worker is not in the process group, and would take the rank from the environment.
        return {**vars(self), "_shard": self._rank()}

    def _rank(self) -> tuple[int, int]:
        return rank_and_world() if self._shard is None else self._shard


class PageSampler(Sampler):
    """Numbers of a PageDataset's pages for this rank, in a new order every epoch.

    Unlike torch's DistributedSampler it repeats none to make ranks equal, and workers that live on
    from epoch to epoch are told which it is.

    Parameters
    ----------
    dataset
        The dataset; its epoch is the sampler's.
    shuffle
        Another order every epoch, the same on every rank.

    Examples
    --------
    >>> dataset = PageDataset(None, "clean")
    >>> sampler = PageSampler(dataset, shuffle=False)
    >>> sampler.set_epoch(2)
    >>> list(sampler)[:2], len(sampler)
    ([(2, 0), (2, 1)], 10)
    """

    def __init__(self, dataset: PageDataset, *, shuffle: bool = True) -> None:
        self._dataset = dataset
        self._shuffle = shuffle

    def __len__(self) -> int:
        rank, world = rank_and_world()
        return len(range(rank, len(self._dataset), world))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        rank, world = rank_and_world()
        dataset, epoch = self._dataset, self._dataset.epoch
        order = dataset._plan.order(epoch, dataset._maker.seed, shuffle=self._shuffle)
        for number in order[rank::world]:
            yield epoch, int(number)

    def set_epoch(self, epoch: int) -> None:
        """Serve the pages of an epoch; the dataset is told."""
        self._dataset.set_epoch(epoch)


def rank_and_world() -> tuple[int, int]:
    """Return this process's rank and how many there are: those of torch.distributed, else the environment's.

    Raises
    ------
    FastECGError
        If only one of RANK and WORLD_SIZE is set, or they are no numbers that go together.

    Examples
    --------
    >>> rank_and_world()
    (0, 1)
    """
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    given = [os.environ.get(name, "") for name in _VARIABLES]
    if given == ["", ""]:
        return 0, 1
    if not all(text.isdecimal() for text in given) or int(given[0]) >= int(given[1]):
        raise FastECGError(
            f"RANK is {given[0]!r} and WORLD_SIZE is {given[1]!r}",
            "a rank of 0 or more, and a world that is larger",
            "set both, or neither",
        )
    return int(given[0]), int(given[1])


def to_sample(page: Page, targets: Sequence[str] = ()) -> Sample:
    """Return a page's image and targets as tensors, without copying them.

    Parameters
    ----------
    page
        The page.
    targets
        Any of ``fastecg.targets.TARGETS``.

    Returns
    -------
    dict
        ``image`` and each target: pictures (3, H, W), whose memory is (H, W, 3), torch's
        ``channels_last``; masks (H, W); lists of tensors for ``traces``; ``truth`` as it is.

    Examples
    --------
    >>> import fastecg
    >>> page = fastecg.render(fastecg.builtin_record(0).record, page={"dpi": 50})
    >>> sample = to_sample(page, ("mask_leads",))
    >>> sample["image"].shape, sample["mask_leads"].shape
    (torch.Size([3, 425, 550]), torch.Size([425, 550]))
    """
    found = {"image": page.image, **make_targets(page, targets)}
    return {name: value if name == "truth" else _tensor(name, value) for name, value in found.items()}


def _tensor(name: str, value: Any) -> Any:  # noqa: ANN401 - an array or a list of them
    if isinstance(value, list):
        return [torch.from_numpy(each) for each in value]
    tensor = torch.from_numpy(value)
    return tensor.permute(2, 0, 1) if name in PICTURES else tensor


def collate_pages(samples: Sequence[Sample | None], size: tuple[int, int] | None = None) -> Sample:
    """Make a batch of samples whose pages may differ in size.

    Parameters
    ----------
    samples
        Samples; None among them is left out.
    size
        Height and width of every batch; that of the largest page in it unless given. Pages are
        not scaled: the dpi of the recipe does that, and sharper.

    Returns
    -------
    dict
        Pictures and masks of one batch in one tensor, 0 beyond a page's right and lower edge, and
        ``sizes`` (N, 2) int64, the height and width of each; numbers in a tensor, ``signals`` too if
        they have one shape; everything else as a list.

    Raises
    ------
    RecordError
        If no sample is left.
    FastECGError
        If a page is larger than ``size``.

    Examples
    --------
    >>> small, large = torch.zeros(3, 2, 5), torch.ones(3, 4, 4)
    >>> batch = collate_pages([{"image": small, "key": "a"}, {"image": large, "key": "b"}])
    >>> batch["image"].shape, batch["sizes"].tolist(), batch["key"]
    (torch.Size([2, 3, 4, 5]), [[2, 5], [4, 4]], ['a', 'b'])
    """
    kept = [sample for sample in samples if sample is not None]
    if not kept:
        raise RecordError("no page of the batch could be made")
    sizes = [tuple(sample["image"].shape[-2:]) for sample in kept]
    height, width = size or (max(each[0] for each in sizes), max(each[1] for each in sizes))
    if any(each[0] > height or each[1] > width for each in sizes):
        raise FastECGError(
            f"pages of {sizes} are in the batch", f"at most {height} x {width}", "lower page.dpi"
        )
    batch: Sample = {"sizes": torch.tensor(sizes, dtype=torch.int64)}
    for name in kept[0]:
        values = [sample[name] for sample in kept]
        batch[name] = _batched(name, values, (height, width))
    return batch


def _batched(name: str, values: list[Any], shape: tuple[int, int]) -> Any:  # noqa: ANN401 - as the samples
    if name in PICTURES or name.startswith("mask_"):
        first = values[0]
        whole = first.new_zeros((len(values), *first.shape[:-2], *shape))
        if name in PICTURES:
            whole = whole.contiguous(memory_format=torch.channels_last)
        for place, value in zip(whole, values, strict=True):
            place[..., : value.shape[-2], : value.shape[-1]] = value
        return whole
    if name.startswith("signals") and len({value.shape for value in values}) == 1:
        return torch.stack(values)
    if all(isinstance(value, int | float) for value in values):
        return torch.tensor(values)
    return values
