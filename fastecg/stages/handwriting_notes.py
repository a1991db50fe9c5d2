"""What is written on a page, and where: notes, marks at waves, a signature."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from fastecg.chance import stream
from fastecg.heart_rate import heart_rate
from fastecg.phrases import MeasurementFacts, draw_measurement, writable
from fastecg.stages.handwriting_places import Desk, Wave
from fastecg.stages.handwriting_setting import Hand, Note, break_lines, set_mark, set_note
from fastecg.stages.pen_marks import arrow, circle, signature, underline
from fastecg.stages.scribe import Scribe
from fastecg.writing import Writing, WritingKind
from fastecg_models.strokes import Strokes

if TYPE_CHECKING:
    import numpy as np

    from fastecg.phrases import Phrases
    from fastecg.record import Record
    from fastecg.spec import PageSpec
    from fastecg.stages.handwriting import Handwriting

SHORT: Final = 12
"""Characters of what stands at an arrow's tail, at most."""
TRIES: Final = 8
NEAR_ARROW: Final = 0.6
"""Share of arrows with a note at their tail."""
MARKS: Final[tuple[WritingKind, ...]] = ("circle", "arrow", "underline")
MARK_WEIGHTS: Final = (0.45, 0.35, 0.2)


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody is going to write on a page.

    Parameters
    ----------
    style
        The hand.
    marks
        Kinds of marks, and whether a word stands at an arrow's tail.
    notes
        Kind of each note, and the words of its lines: first those at arrows, then the others.
    """

    style: str
    marks: tuple[tuple[WritingKind, bool], ...]
    notes: tuple[tuple[WritingKind, tuple[tuple[str, ...], ...]], ...]

    @property
    def words(self) -> list[str]:
        """All words, in order."""
        return [word for _, lines in self.notes for line in lines for word in line]


def plan_writing(record: Record, spec: PageSpec, scribe: Scribe) -> Plan:
    """Return what is written on a page; notes on the rate agree with the record."""
    part = spec.handwriting
    rng = stream(f"{spec.key}/handwriting/plan")
    styles = scribe.styles(part)
    style = part.writer if part.writer != "auto" else styles[int(rng.integers(len(styles)))]
    kinds = [MARKS[int(rng.choice(len(MARKS), p=MARK_WEIGHTS))] for _ in range(part.marks)]
    marks = tuple((kind, kind == "arrow" and rng.random() < NEAR_ARROW) for kind in kinds)
    rate = heart_rate(record, spec.window.start_sample, spec.window.duration_s)
    mind = _Mind(part, scribe.phrases(part), MeasurementFacts(heart_rate_bpm=rate), rng)
    texts = [mind.short() for _, noted in marks if noted] + [mind.text(k) for k in range(part.notes)]
    alphabet = scribe.alphabet(part)
    notes = []
    for kind, text in texts:
        lines = [tuple(writable(line, alphabet).split()) for line in text.splitlines() if line.strip()]
        notes.append((kind, tuple(line for line in lines if line)))
    return Plan(style, marks, tuple(note for note in notes if note[1]))


class _Mind:
    """What somebody thinks of when looking at a page; never the same thing twice."""

    def __init__(
        self, part: Handwriting, phrases: Phrases, facts: MeasurementFacts, rng: np.random.Generator
    ) -> None:
        self._part, self._phrases, self._facts, self._rng = part, phrases, facts, rng
        self._said: set[str] = set()

    def text(self, k: int) -> tuple[WritingKind, str]:
        """Return what the k-th note is and says."""
        if k < len(self._part.texts):
            return "note", self._part.texts[k]
        if self._rng.random() < self._part.measurements:
            return "measurement", self._unsaid(lambda: draw_measurement(self._rng, self._facts))
        lines = int(self._rng.integers(1, self._part.lines, endpoint=True))
        return "note", "\n".join(self._unsaid(lambda: self._phrases.draw(self._rng)) for _ in range(lines))

    def short(self) -> tuple[WritingKind, str]:
        """Return what stands at an arrow's tail."""
        texts = (self._phrases.draw(self._rng) for _ in range(TRIES))
        return "note", next((text for text in texts if len(text) <= SHORT), "?")

    def _unsaid(self, draw: Callable[[], str]) -> str:
        text = next((text for text in (draw() for _ in range(TRIES)) if text not in self._said), "ok")
        self._said.add(text)
        return text


def write_page(record: Record, spec: PageSpec, desk: Desk, scribe: Scribe) -> tuple[Writing, ...]:
    """Return everything that a pen leaves on a page: the same for the same record and spec.

    Parameters
    ----------
    record, spec
        The page.
    desk
        What is on the page already.
    scribe
        Writes words; pass the same one for every page.
    """
    if not spec.handwriting.enabled:
        return ()
    plan = plan_writing(record, spec, scribe)
    strokes = scribe.write(plan.words, spec.handwriting, plan.style, spec.key)
    return tuple(_Writer(spec, desk).write(plan, strokes))


class _Writer:
    """Somebody with a pen over a page."""

    def __init__(self, spec: PageSpec, desk: Desk) -> None:
        part, scale = spec.handwriting, spec.page.px_per_mm
        self._part, self._desk = part, desk
        self._rng = stream(f"{spec.key}/handwriting")
        lean = math.tan(math.radians(part.slant_deg + self._rng.normal(0, 2)))
        self._hand = Hand(scale, part.size_mm, part.width_mm * scale / 2, part.pen, part.pressure, lean)

    def write(self, plan: Plan, strokes: Sequence[Strokes]) -> list[Writing]:
        """Draw the marks, write the notes, and sign; the strokes are those of the plan's words."""
        words = iter(strokes)
        notes = [self._set(kind, lines, words) for kind, lines in plan.notes]
        tagged = sum(noted for _, noted in plan.marks)
        tags = iter(notes[:tagged])
        written: list[Writing] = []
        for kind, noted in plan.marks:
            written += self._mark(kind, next(tags, None) if noted else None)
        for note in notes[tagged:]:
            written.append(self._keep(note.at(self._desk.find_place(note.size, self._part.where, self._rng))))
        if self._part.signature:
            written.append(self._sign())
        return written

    def _mark(self, kind: WritingKind, tag: Note | None) -> list[Writing]:
        """Draw a mark at some wave or under some print, and write at an arrow's tail."""
        rng, hand = self._rng, self._hand
        line = self._desk.printed_line(rng) if kind == "underline" else None
        if line is not None:
            under = set_mark("underline", underline(rng, line.width_mm), hand)
            return [self._keep(under.from_origin(line.start))]
        wave = self._desk.wave(rng)
        if wave is None:
            return []
        if kind == "arrow":
            return self._arrow(wave, tag)
        loop = set_mark("circle", circle(rng, wave.width_mm, wave.height_mm), hand)
        return [self._keep(loop.from_origin(wave.center))]

    def _arrow(self, wave: Wave, tag: Note | None) -> list[Writing]:
        """Point at a wave from above or below."""
        rng, scale = self._rng, self._hand.px_per_mm
        length, angle = rng.uniform(9, 20), rng.uniform(0.5, 2.6)
        dx, dy = length * math.cos(angle), wave.away * length * math.sin(angle)
        tail = wave.top[0] + dx * scale, wave.top[1] + dy * scale
        written = [self._keep(set_mark("arrow", arrow(rng, -dx, -dy), self._hand).from_origin(tail))]
        if tag is not None:
            beside = tail[0] + math.copysign(tag.size[0] / 2, dx), tail[1] + wave.away * 0.6 * tag.size[1]
            written.append(self._keep(tag.at(self._desk.within(tag.size, beside))))
        return written

    def _sign(self) -> Writing:
        """Sign the page, at the right of its foot."""
        size = self._part.size_mm
        width, height = size * self._rng.uniform(9, 16), size * self._rng.uniform(3, 5)
        scrawl = set_mark("signature", signature(self._rng, width, height), self._hand)
        return self._keep(scrawl.at(self._desk.find_place(scrawl.size, "margins", self._rng, foot=True)))

    def _set(self, kind: WritingKind, lines: Sequence[Sequence[str]], strokes: Iterator[Strokes]) -> Note:
        """Set the next words in lines that are not too long."""
        meant = [list(islice(strokes, len(line))) for line in lines]
        words = [word for line in lines for word in line]
        written = [each for line in meant for each in line]
        broken = break_lines(meant, self._part.line_mm / self._part.size_mm)
        angle = math.radians(self._part.tilt_deg) * self._rng.uniform(-1, 1)
        chosen = [[(words[k], written[k]) for k in line] for line in broken]
        return set_note(kind, chosen, self._hand, self._rng, angle)

    def _keep(self, writing: Writing) -> Writing:
        self._desk.cover(writing.corners)
        return writing
