"""Interpretations: diagnosis statements that go together, and intervals and axes that fit them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

import yaml

from fastecg import presets
from fastecg.patients import Dice

Range = tuple[float, float]

ABSENT: Final = "*"
"""What devices print for an interval that a rhythm does not have."""

_RANGES: Final = ("rate", "pr_ms", "qrs_ms", "qtc_ms", "axis_deg")
_PR_MS: Final[Range] = (122, 198)
_QRS_MS: Final[Range] = (76, 104)
_QTC_MS: Final[Range] = (388, 452)
_AXIS_DEG: Final[Range] = (-20, 85)


@dataclass(frozen=True, slots=True)
class Statement:
    """A line of the statements' file; ranges are None where it says nothing of the measurement."""

    text: str
    weight: float
    kind: str = ""
    group: str = ""
    needs: str = ""
    rate: Range | None = None
    pr_ms: Range | None = None
    qrs_ms: Range | None = None
    qtc_ms: Range | None = None
    axis_deg: Range | None = None
    codes: frozenset[str] = frozenset()

    @property
    def sets(self) -> set[str]:
        """The measurements that it says something of."""
        return {name for name in _RANGES if getattr(self, name) is not None}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All statements: rhythms, findings, and the closing lines by name."""

    rhythms: tuple[Statement, ...]
    findings: tuple[Statement, ...]
    endings: dict[str, str]


@cache
def catalogue() -> Catalogue:
    """Return the statements that come with fastecg.

    Examples
    --------
    >>> catalogue().endings["normal"]
    'Normal ECG'
    """
    text = resources.files(presets).joinpath("statements", "english.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    rhythms, findings = (tuple(map(_statement, data[part])) for part in ("rhythms", "findings"))
    return Catalogue(rhythms, findings, data["endings"])


def _statement(data: dict[str, Any]) -> Statement:
    codes = frozenset(map(str, data.get("snomed", ())))
    own = {key: value for key, value in data.items() if key not in {"snomed", "scp", "aha"}}
    ranges = {key: tuple(value) for key, value in own.items() if isinstance(value, list)}
    return Statement(**{**own, **ranges}, codes=codes)


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A rhythm and findings, and the line they end in."""

    rhythm: Statement | None
    findings: tuple[Statement, ...]
    ending: str

    def lines(self, most: int) -> tuple[str, ...]:
        """Return at most so many lines; the closing one is the last of them, but for a single line.

        Examples
        --------
        >>> interpretation_of(["426177001", "39732003"]).lines(5)
        ('Sinus bradycardia', 'Left axis deviation', 'Abnormal ECG')
        """
        joined = [finding.text for finding in self.findings if finding.text.startswith("with ")]
        rest = [finding.text for finding in self.findings if not finding.text.startswith("with ")]
        first = [] if self.rhythm is None else [self.rhythm.text]
        if joined and first:
            first = [f"{first[0]} {joined[0]}"]
            joined = joined[1:]
        rest = [text[5:6].upper() + text[6:] for text in joined] + rest
        lines = first + rest
        if most < 2 or not lines or not self.ending:
            return tuple(lines[:most])
        return (*lines[: most - 1], self.ending)


def invent_interpretation(dice: Dice, rate: int | None, most_findings: int) -> Interpretation:
    """Return statements that go together.

    Parameters
    ----------
    dice
        Where chance comes from.
    rate
        Beats per minute, if known; the rhythm fits it.
    most_findings
        Most findings beside the rhythm; often there are fewer.
    """
    known = catalogue()
    rhythms = [one for one in known.rhythms if rate is None or one.rate is None or _within(rate, one.rate)]
    rhythm = dice.weigh(rhythms or known.rhythms[:1], [one.weight for one in rhythms or known.rhythms[:1]])
    findings: list[Statement] = []
    wanted = 0 if dice.share() < 0.35 or rhythm.kind == "paced" else dice.between(1, 3)
    for _ in range(min(wanted, most_findings)):
        fitting = [one for one in known.findings if _fits(one, rhythm, rate, findings)]
        findings.append(dice.weigh(fitting, [one.weight for one in fitting]))
    findings.sort(key=lambda one: not one.text.startswith("with "))
    if findings and rhythm is known.rhythms[0] and findings[0].text.startswith("with "):
        rhythm = known.rhythms[1]  # what is normal has no AV block
    return Interpretation(rhythm, tuple(findings), _ending(rhythm, findings, dice.share()))


def interpretation_of(codes: Iterable[str]) -> Interpretation:
    """Return the statements of SNOMED CT codes; codes that are not known are left out."""
    wanted, known = list(codes), catalogue()
    rhythms, findings = [
        [one for code in wanted for one in part if code in one.codes]
        for part in (known.rhythms, known.findings)
    ]
    rhythm = rhythms[0] if rhythms else None
    unique = tuple(dict.fromkeys(findings))
    ending = _ending(rhythm, unique, 0.0) if rhythm or unique else ""
    return Interpretation(rhythm, unique, ending)


def _within(value: float, span: Range) -> bool:
    return span[0] <= value <= span[1]


def _fits(finding: Statement, rhythm: Statement, rate: int | None, others: Iterable[Statement]) -> bool:
    """Return whether a finding goes with a rhythm and a rate, and contradicts no other finding."""
    if finding.needs and finding.needs != rhythm.kind:
        return False
    if finding.rate is not None and (rate is None or not _within(rate, finding.rate)):
        return False
    return not any(finding.group == one.group or finding.sets & one.sets for one in others)


def _ending(rhythm: Statement | None, findings: Iterable[Statement], chance: float) -> str:
    endings = catalogue().endings
    if any(True for _ in findings):
        return endings["abnormal"] if chance < 0.85 else endings["borderline"]
    if rhythm is None or rhythm.kind != "sinus":
        return endings["abnormal"]
    return (
        endings["normal"] if rhythm.text in {"Normal sinus rhythm", "Sinus rhythm"} else endings["otherwise"]
    )


@dataclass(frozen=True, slots=True)
class Measurements:
    """What a device measures, ready to be printed; ``*`` where the rhythm has no such thing."""

    rate: str
    pr: str
    qrsd: str
    qt: str
    qtc: str
    p_axis: str
    qrs_axis: str
    t_axis: str


def invent_measurements(dice: Dice, said: Interpretation, rate: int | None) -> Measurements:
    """Return rate, intervals and axes that fit the statements; QT follows Bazett from QTc and rate."""
    findings = said.findings if said.rhythm is None else (said.rhythm, *said.findings)

    def drawn(name: str, usual: Range) -> int:
        spans = [span for one in findings if (span := getattr(one, name)) is not None]
        return dice.between(*(spans[-1] if spans else usual))

    invented = drawn("rate", (58, 96))
    beats = invented if rate is None else rate
    pr, qrs = drawn("pr_ms", _PR_MS), drawn("qrs_ms", _QRS_MS)
    qtc = drawn("qtc_ms", _QTC_MS) + max(qrs - 110, 0) // 2
    p, axis, t = dice.between(5, 75), drawn("axis_deg", _AXIS_DEG), dice.between(0, 90)
    with_p = said.rhythm is None or said.rhythm.kind == "sinus"
    return Measurements(
        rate=str(beats),
        pr=str(pr) if with_p else ABSENT,
        qrsd=str(qrs),
        qt=str(round(qtc * (60 / beats) ** 0.5)),
        qtc=str(qtc),
        p_axis=str(p) if with_p else ABSENT,
        qrs_axis=str(axis),
        t_axis=str(t),
    )
