"""Invented people, places and devices: nobody's, and the same for the same key.

Names are put together from syllables of ours, first names and surnames alike, so that no page names a
real patient; IDs begin with 999, as those of test patients do. Ages fit the dates, height and weight
fit the sex.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, TypeVar

import yaml

from fastecg import presets
from fastecg.chance import stream

T = TypeVar("T")
Sex = Literal["F", "M"]
SEXES: Final[tuple[Sex, ...]] = ("F", "M")

FIRST_DAY: Final = dt.date(1998, 1, 1)
LAST_DAY: Final = dt.date(2024, 12, 31)
YOUNGEST, OLDEST = 18, 95


class Dice:
    """Picks from lists and ranges, in order, from the stream of a name."""

    def __init__(self, name: str) -> None:
        # All at once: a number costs 20 ns so, and 2 µs alone.
        self._numbers = iter(stream(name).random(96).tolist())

    def share(self) -> float:
        """Return a number of [0, 1)."""
        number: float = next(self._numbers)
        return number

    def between(self, low: float, high: float) -> int:
        """Return a whole number from low to high, both included."""
        return math.floor(low + self.share() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """Return one of some items."""
        return items[int(self.share() * len(items))]

    def weigh(self, items: Sequence[T], weights: Sequence[float]) -> T:
        """Return one of some items, each as often as its weight says."""
        at = self.share() * sum(weights)
        for item, weight in zip(items, weights, strict=True):
            at -= weight
            if at < 0:
                return item
        return items[-1]


@dataclass(frozen=True, slots=True)
class Visit:
    """An invented person at an invented ECG: who, when, where, with what.

    Parameters
    ----------
    surname, given
        Names; ``initial`` is that of a second given name, or "".
    id
        Letters and digits, with 999 as the first digits.
    sex
        ``F`` or ``M``.
    born, taken
        Date of birth, and date and time of the recording.
    height_cm, weight_kg
        Whole numbers.
    physician, technician, department, room, device, filter
        What else devices print.
    """

    surname: str
    given: str
    initial: str
    id: str
    sex: Sex
    born: dt.date
    taken: dt.datetime
    height_cm: int
    weight_kg: int
    physician: str
    technician: str
    department: str
    room: str
    device: str
    filter: str

    @property
    def age(self) -> int:
        """Whole years on the day of the recording."""
        return age_on(self.born, self.taken.date())


def age_on(born: dt.date, day: dt.date) -> int:
    """Return somebody's age in whole years.

    Examples
    --------
    >>> age_on(dt.date(1960, 6, 2), dt.date(2010, 6, 1))
    49
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def invent_visit(key: str, *, sex: Sex | None = None, age: int | None = None) -> Visit:
    """Return an invented person's visit: the same for the same key.

    Parameters
    ----------
    key
        Name of the random stream.
    sex, age
        Those of the person, if they are known; years.

    Examples
    --------
    >>> one = invent_visit("7/header/visit", sex="F", age=61)
    >>> one.sex, one.age, one.id[:3]
    ('F', 61, '999')
    """
    dice, words = Dice(key), _words()
    drawn_sex, drawn_age = dice.pick(SEXES), _adult_age(dice)
    sex = sex or drawn_sex
    age = drawn_age if age is None else age
    day = FIRST_DAY + dt.timedelta(days=dice.between(0, (LAST_DAY - FIRST_DAY).days))
    minutes = dice.between(0, 24 * 60 - 1) if dice.share() < 0.25 else dice.between(7 * 60, 18 * 60)
    taken = dt.datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, dice.between(0, 59))
    height = round((163 if sex == "F" else 177) + 16 * (dice.share() + dice.share() - 1))
    mass_index = 19 + 14 * dice.share() * (0.6 + 0.6 * dice.share())
    return Visit(
        surname=_surname(dice),
        given=dice.pick(words["given_first"]) + dice.pick(words["given_last"][sex]),
        initial=dice.pick(("", "", "A", "C", "E", "J", "L", "M", "R", "T")),
        id=_number(dice),
        sex=sex,
        born=_born(dice, day, age),
        taken=taken,
        height_cm=height,
        weight_kg=round(mass_index * height**2 / 10_000),
        physician=dice.pick(words["physician"]).format(_surname(dice)),
        technician=dice.pick((_surname(dice), str(dice.between(100, 9999)))),
        department=dice.pick(words["department"]),
        room=str(dice.between(1, 6) * 100 + dice.between(1, 40)),
        device=dice.pick(words["device"]),
        filter=dice.pick(words["filter"]),
    )


def _adult_age(dice: Dice) -> int:
    """Return an age; the old have more ECGs taken."""
    return round(YOUNGEST + (OLDEST - YOUNGEST) * (dice.share() + dice.share() + dice.share()) / 3)


def _born(dice: Dice, day: dt.date, age: int) -> dt.date:
    """Return a birthday that makes somebody so old on a day."""
    year = max(day.year - age, 2)
    last = dt.date(year, day.month, min(day.day, 28))
    return last - dt.timedelta(days=dice.between(0, 363))


def _surname(dice: Dice) -> str:
    words = _words()
    parts: list[str] = [dice.pick(words[f"surname_{part}"]) for part in ("first", "middle", "last")]
    return "".join(parts)


def _number(dice: Dice) -> str:
    form = dice.pick(("999{:07d}", "999-{:05d}", "999{:04d}", "999 {:03d} {:04d}"))
    if form.count("{") == 2:
        return form.format(dice.between(0, 999), dice.between(0, 9999))
    digits = int(form[-3])
    return form.format(dice.between(0, 10**digits - 1))


@cache
def _words() -> dict[str, Any]:
    """Read what people, places and devices are made of."""
    text = resources.files(presets).joinpath("people.yaml").read_text(encoding="utf-8")
    words: dict[str, Any] = yaml.safe_load(text)
    return words
