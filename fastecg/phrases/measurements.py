"""What is jotted beside a trace: rates and intervals, vital signs, dates, times, initials."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeVar

import numpy as np

from fastecg.patients import FIRST_DAY, LAST_DAY

T = TypeVar("T")

_LETTERS: Final = "ABCDEFGHJKLMNPRSTVW"
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class MeasurementFacts:
    """What is known of an ECG; what is None is invented so that it fits the rest.

    Parameters
    ----------
    heart_rate_bpm
        As :func:`fastecg.heart_rate.heart_rate` gives it, above 0.
    pr_ms, qrs_ms, qt_ms, qtc_ms
        Intervals, above 0; QT follows QTc and rate by Bazett where one of them is None.
    axis_deg
        Of QRS, -180 to 180; notes doubt left or right axis deviation only where it fits.
    age_years, sex
        The patient's; written only if both are given.
    taken
        When the ECG was recorded.

    Examples
    --------
    >>> MeasurementFacts(heart_rate_bpm=72).qt_ms is None
    True
    """

    heart_rate_bpm: int | None = None
    pr_ms: int | None = None
    qrs_ms: int | None = None
    qt_ms: int | None = None
    qtc_ms: int | None = None
    axis_deg: int | None = None
    age_years: int | None = None
    sex: Literal["F", "M"] | None = None
    taken: dt.datetime | None = None


_UNKNOWN: Final = MeasurementFacts()


def draw_measurement(rng: np.random.Generator, facts: MeasurementFacts | None = None) -> str:
    """Return a short note such as a clinician writes beside a trace.

    Rates and intervals, vital signs, dates and times in the formats of several hands, and invented initials:
    nobody's name, number or date of birth.

    Parameters
    ----------
    rng
        Where chance comes from.
    facts
        What the note may not contradict.

    Returns
    -------
    str
        1 to 40 printable ASCII characters, words parted by single spaces.

    Examples
    --------
    >>> rng = np.random.default_rng(4)
    >>> [draw_measurement(rng, MeasurementFacts(heart_rate_bpm=72)) for _ in range(4)]
    ['noted WB', 'see V3', 'H.R.', '23:24']
    """
    hand = _Hand(rng, facts or _UNKNOWN)
    kinds, reaches = _kinds()
    return kinds[min(bisect_right(reaches, hand.share() * reaches[-1]), len(kinds) - 1)](hand)


class _Hand:
    """Somebody with a pen: the facts, what fits them, and chance."""

    def __init__(self, rng: np.random.Generator, facts: MeasurementFacts) -> None:
        self.facts = facts
        self._numbers = iter(rng.random(24).tolist())  # all at once: that is faster

    def share(self) -> float:
        number: float = next(self._numbers)
        return number

    def between(self, low: int, high: int) -> int:
        return low + int(self.share() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        return items[int(self.share() * len(items))]

    def value(self, known: float | None, low: int, high: int) -> int:
        """Return what is known, or a number that could be it."""
        invented = self.between(low, high)
        return invented if known is None else round(known)


def _rate(hand: _Hand) -> str:
    rate = hand.value(hand.facts.heart_rate_bpm, 54, 104)
    rough = 5 * round(rate / 5)
    forms = (
        "HR {0}",
        "HR {0}",
        "rate {0}",
        "{0} bpm",
        "{0}/min",
        "HR={0}",
        "HR: {0}",
        "VR {0}",
        "HR ~{1}",
        "~{1}/min",
    )
    return hand.pick(forms).format(rate, rough)


def _qt(hand: _Hand) -> str:
    facts = hand.facts
    beat_s = 60 / hand.value(facts.heart_rate_bpm, 54, 104)
    invented = hand.between(385, 465)
    qtc = facts.qtc_ms or (invented if facts.qt_ms is None else round(facts.qt_ms / beat_s**0.5))
    qt = facts.qt_ms or round(qtc * beat_s**0.5)
    seconds = f"{qtc / 1000:.2f}".lstrip("0")
    forms = (
        "QTc {1}",
        "QTc {1}",
        "QTc={1}",
        "QTc {1} ms",
        "QT {0}",
        "QT/QTc {0}/{1}",
        "QT {0} / QTc {1}",
        "QTc {2}",
    )
    return hand.pick(forms).format(qt, qtc, seconds)


def _interval(hand: _Hand) -> str:
    facts = hand.facts
    pr, qrs = hand.value(facts.pr_ms, 124, 204), hand.value(facts.qrs_ms, 78, 112)
    of_pr = [f"PR {pr}", f"PR {pr} ms", f"PR={pr}", f"PR .{round(pr / 10):02d}"]
    of_qrs = [f"QRS {qrs}", f"QRS {qrs} ms", f"QRS={qrs}", f"QRS .{round(qrs / 10):02d}"]
    if (facts.pr_ms is None) == (facts.qrs_ms is None):
        return hand.pick(of_pr + of_qrs)
    return hand.pick(of_qrs if facts.pr_ms is None else of_pr)


def _axis(hand: _Hand) -> str:
    axis = hand.facts.axis_deg
    if axis is None:
        return hand.pick(
            ("?LAD", "?RAD", "axis?", "axis nl", "LAD?", "RAD?", f"axis {hand.between(-40, 90)}")
        )
    said: tuple[str, ...] = ("axis nl", "nl axis", "axis ok")
    if axis <= -30:
        said = ("?LAD", "LAD", "LAD?", "L axis") if axis > -90 else ("axis?", "NW axis", "ext axis")
    elif axis >= 90:
        said = ("?RAD", "RAD", "RAD?", "R axis")
    return hand.pick((*said, f"axis {axis}", f"axis {axis} deg"))


def _pressure(hand: _Hand) -> str:
    upper = 2 * hand.between(48, 92)
    lower = 2 * round(upper * (0.5 + 0.18 * hand.share()) / 2)
    return hand.pick(("BP {0}/{1}", "BP {0}/{1}", "{0}/{1}", "BP={0}/{1}", "BP {0}/{1} mmHg")).format(
        upper, lower
    )


def _blood(hand: _Hand) -> str:
    potassium = f"{2.8 + 3.4 * (hand.share() + hand.share()) / 2:.1f}"
    form = hand.pick(
        ("K+ {0}", "K+ {0}", "K {0}", "K+={0}", "Mg {1}", "Hb {2}", "trop {3}", "Ca {4}", "pH {5}")
    )
    others = f"0.{hand.between(5, 9)}", hand.between(82, 165), hand.between(3, 90), f"2.{hand.between(0, 6)}"
    return form.format(potassium, *others, f"7.{hand.between(18, 46)}")


def _vitals(hand: _Hand) -> str:
    form = hand.pick(
        (
            "SpO2 {0}%",
            "sats {0}%",
            "O2 sat {0}%",
            "{0}% RA",
            "{0}% on 2 L",
            "T {1}",
            "RR {2}",
            "wt {3} kg",
            "GCS 15",
        )
    )
    return form.format(
        hand.between(88, 99),
        f"3{hand.between(5, 9)}.{hand.between(0, 9)}",
        hand.between(11, 26),
        hand.between(48, 118),
    )


def _lead(hand: _Hand) -> str:
    lead = hand.pick(
        (
            "II",
            "III",
            "aVL",
            "aVF",
            "V1",
            "V2",
            "V3",
            "V4",
            "V5",
            "V6",
            "V1-V3",
            "V2-V4",
            "V4-V6",
            "II, III, aVF",
        )
    )
    forms = (
        "?STE {0}",
        "STD {0}?",
        "TWI {0}",
        "?Q {0}",
        "{0}!",
        "see {0}",
        "{1} mm {0}",
        "? {0}",
        "{0} ok",
        "?P {0}",
    )
    return hand.pick(forms).format(lead, hand.between(1, 4))


def _dose(hand: _Hand) -> str:
    return hand.pick(
        (
            "adenosine 6 mg",
            "amio 300 mg",
            "amio 150 mg",
            "ASA 300 mg",
            "metop 5 mg",
            "dig 250 mcg",
            "atropine 0.6 mg",
            "K+ 20 mmol",
            "GTN x1",
        )
    )


def _setting(hand: _Hand) -> str:
    return hand.pick(
        (
            "pre-op",
            "post-op",
            "pre-op",
            "at rest",
            "with pain",
            "pain free",
            "post Rx",
            "5 min post",
            "10 min rest",
            "admission",
            "baseline",
            "#1",
            "#2",
            "1 of 2",
            "2/3",
            "bed 7",
            "ED",
            "clinic",
        )
    )


def _calibration(hand: _Hand) -> str:
    return hand.pick(("1/2 std", "x2", "10 mm = 1 mV", "25 mm/s", "std x1", "R sided", "V4R", "V7-V9"))


def _age(hand: _Hand) -> str:
    facts = hand.facts
    if facts.age_years is None or facts.sex is None:
        return _setting(hand)
    return hand.pick(("{0}{1}", "{0} {1}", "{0} yo {1}", "{0}y {1}", "{1}, {0}", "{1} {0} yrs")).format(
        facts.age_years, facts.sex
    )


def _moment(hand: _Hand) -> dt.datetime:
    share = hand.share()
    day = dt.datetime.combine(FIRST_DAY, dt.time()) + share * (LAST_DAY - FIRST_DAY + dt.timedelta(days=1))
    return hand.facts.taken or day


def _date(hand: _Hand) -> str:
    when = _moment(hand)
    day, month, year, name = when.day, when.month, when.year, _MONTHS[when.month - 1]
    short = f"{year % 100:02d}"
    forms = (
        f"{day}/{month}/{short}", f"{month}/{day}/{short}", f"{day:02d}/{month:02d}/{year}",
        f"{month:02d}/{day:02d}/{year}", f"{day}.{month}.{short}", f"{day:02d}.{month:02d}.{year}",
        f"{day}-{month}-{short}", f"{when:%Y-%m-%d}", f"{day} {name} {short}", f"{day} {name} {year}",
        f"{name} {day}, {year}", f"{name} {day} {short}", f"{day}/{month}", f"{name} {day}",
        f"{day:02d}{name.upper()}{short}",
    )  # fmt: skip
    return hand.pick(forms)


def _time(hand: _Hand) -> str:
    when = _moment(hand)
    hour, minute = when.hour, when.minute
    half, noon = hour % 12 or 12, ("am", "pm")[hour >= 12]
    forms = (
        f"{hour:02d}:{minute:02d}", f"{hour}:{minute:02d}", f"{hour:02d}.{minute:02d}",
        f"{hour:02d}{minute:02d}h", f"{hour:02d}{minute:02d}", f"{half}:{minute:02d} {noon}",
        f"{half}:{minute:02d}{noon.upper()}", f"@ {hour:02d}:{minute:02d}",
    )  # fmt: skip
    return hand.pick(forms)


def _initials(hand: _Hand) -> str:
    first, last = hand.pick(_LETTERS), hand.pick(_LETTERS)
    form = hand.pick(("{0}.{1}.", "{0}{1}", "/{0}{1}", "- {0}{1}", "{0}/{1}", "Dr {1}.", "{0}. {1}."))
    return form.format(first, last)


def _signed(hand: _Hand) -> str:
    said = hand.pick(
        (
            "seen, {0}",
            "seen {0}",
            "rev. {0}",
            "rev {0}",
            "noted {0}",
            "checked {0}",
            "ok {0}",
            "agree, {0}",
            "d/w {0}",
        )
    )
    first, last = hand.pick(_LETTERS), hand.pick(_LETTERS)
    return said.format(hand.pick(("{0}.{1}.", "{0}{1}", "Dr {1}.")).format(first, last))


@cache
def _kinds() -> tuple[tuple[Callable[[_Hand], str], ...], tuple[float, ...]]:
    """Return the kinds of notes, and the sums of how often each is written."""
    weights = {
        _rate: 6, _qt: 4, _interval: 3, _axis: 3, _pressure: 3, _blood: 2, _vitals: 2, _lead: 4, _dose: 1,
        _setting: 4, _calibration: 1, _age: 1, _date: 6, _time: 4, _initials: 4, _signed: 4,
    }  # fmt: skip
    return tuple(weights), tuple(np.cumsum(list(weights.values()), dtype=float).tolist())
