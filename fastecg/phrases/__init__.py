"""What is handwritten on a page: terms, notes and measurements."""

from fastecg.phrases.alphabet import ALPHABET, writable
from fastecg.phrases.corpus import Phrases
from fastecg.phrases.find import find_phrases
from fastecg.phrases.measurements import MeasurementFacts, draw_measurement

__all__ = ["ALPHABET", "MeasurementFacts", "Phrases", "draw_measurement", "find_phrases", "writable"]
