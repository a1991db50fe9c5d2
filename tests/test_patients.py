"""Invented people: plausible, the same for the same key, and nobody's."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest

from fastecg.patients import FIRST_DAY, LAST_DAY, OLDEST, YOUNGEST, Dice, Visit, _words, age_on, invent_visit

VISITS = [invent_visit(f"{k}/header/visit") for k in range(1500)]

# The commonest surnames and given names of the United States' censuses, and some of Germany's.
REAL = """smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez
wilson anderson thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez
lewis robinson walker young allen king wright scott torres nguyen hill flores green adams nelson baker
hall rivera campbell mitchell carter roberts gomez phillips evans turner diaz parker cruz edwards
collins reyes stewart morris morales murphy cook rogers gutierrez ortiz morgan cooper peterson bailey
reed kelly howard ramos kim cox ward richardson watson brooks chavez wood bennett gray mendoza ruiz
hughes price alvarez castillo sanders patel myers long ross foster mueller schmidt schneider fischer
weber meyer wagner becker schulz hoffmann koch bauer james mary robert patricia john jennifer michael
linda david elizabeth william barbara richard susan joseph jessica thomas sarah christopher karen
charles lisa daniel nancy matthew betty anthony sandra mark margaret donald ashley steven kimberly
andrew emily paul donna joshua michelle kenneth carol kevin amanda brian melissa timothy deborah ronald
stephanie edward rebecca jason sharon jeffrey laura ryan cynthia jacob dorothy gary amy nicholas
kathleen eric angela jonathan shirley stephen emma larry brenda justin pamela nicole anna samantha
adelle arnold belinda calvin celeste doris ella elvira galen hester ilse jordan karl lorraine malcolm
miriam olaf percy quentin ralph selma tamara ulrich valerie wilma yorick zara""".split()  # noqa: SIM905 - as it reads


def test_the_same_key_gives_the_same_person() -> None:
    assert [invent_visit(f"{k}/header/visit") for k in range(20)] == VISITS[:20]
    assert len({visit.id for visit in VISITS}) > 1300
    assert len({(visit.surname, visit.given) for visit in VISITS}) > 1450


def test_people_are_plausible() -> None:
    for visit in VISITS:
        age = visit.age
        assert YOUNGEST <= age <= OLDEST
        assert visit.born < visit.taken.date()
        assert FIRST_DAY <= visit.taken.date() <= LAST_DAY
        assert 140 <= visit.height_cm <= 200
        assert 18 <= visit.weight_kg / (visit.height_cm / 100) ** 2 <= 37
        assert visit.sex in {"F", "M"}
        assert visit.surname[0].isupper()
        assert visit.surname[1:].islower()
        assert 3 <= len(visit.given) <= 12
    women = sum(visit.sex == "F" for visit in VISITS)
    assert 0.45 < women / len(VISITS) < 0.55
    assert len({visit.taken.year for visit in VISITS}) > 20


def test_what_is_known_is_kept() -> None:
    for age in (0, 1, 17, 64, 120):
        for k in range(100):
            visit = invent_visit(f"{k}", sex="M", age=age)
            assert (visit.sex, visit.age) == ("M", age)
    assert invent_visit("1", age=300).born >= dt.date(1, 1, 1)


def test_nobody_is_named() -> None:
    """No name that can be put together is a common one, and IDs are those of test patients."""
    words = _words()
    parts = (words[f"surname_{k}"] for k in ("first", "middle", "last"))
    surnames = ["".join(syllables) for syllables in product(*parts)]
    given = [a + b for sex in "FM" for a in words["given_first"] for b in words["given_last"][sex]]
    made = {name.casefold() for name in (*surnames, *given)}
    assert len(made) > 4000
    assert not made & set(REAL)
    assert all(visit.id.replace(" ", "").replace("-", "").startswith("999") for visit in VISITS)
    staff = {visit.physician.removesuffix(", MD").split()[-1] for visit in VISITS}
    assert {name.casefold() for name in staff} <= made


def test_ages_count_birthdays() -> None:
    born = dt.date(2000, 2, 29)
    assert [age_on(born, dt.date(2001, month, day)) for month, day in ((2, 28), (3, 1))] == [0, 1]


def test_dice() -> None:
    dice = Dice("a")
    assert [Dice("a").share(), Dice("a").share()] == [dice.share()] * 2
    assert {Dice(f"{k}").between(1, 3) for k in range(50)} == {1, 2, 3}
    weighed = [Dice(f"{k}").weigh(("rare", "often", "never"), (1, 9, 0)) for k in range(400)]
    assert weighed.count("often") == pytest.approx(360, abs=25)
    assert "never" not in weighed


def test_visits_are_values() -> None:
    assert len({hash(visit) for visit in VISITS[:50]}) == 50
    assert isinstance(VISITS[0], Visit)
