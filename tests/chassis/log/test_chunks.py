"""A state comes back from its chunks as it was, whatever it is made of; and what is no state does not."""

from datetime import UTC, datetime
from typing import Literal, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from chassis.log.chunks import _ENTRIES, Chunks
from chassis.log.decider import Value

Seats = Map[UUID, None]


class Chair(Value):
    chair_id: UUID
    names: dict[str, str]
    kind: Literal["soft", "hard"] = "hard"
    used: tuple[datetime, ...] = ()


class Row(NamedTuple):
    first: Chair | None
    taken: Seats = Map()


class Hall(NamedTuple):
    rows: Map[int, Row] = Map()
    by_guest: Map[tuple[str, UUID], tuple[int, datetime]] = Map()
    seats: Map[str, Seats] = Map()


class House(NamedTuple):
    name: str
    hall: Hall = Hall()
    chairs: Map[UUID, Chair] = Map()
    full: frozenset[str] = frozenset()
    share: float = 0.0


times = st.datetimes(timezones=st.just(UTC))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
chairs = st.builds(
    Chair,
    chair_id=st.uuids(),
    names=st.dictionaries(texts, texts, max_size=2),
    used=st.lists(times, max_size=2).map(tuple),
)
seats = st.dictionaries(st.uuids(), st.none(), max_size=3).map(Map)
rows = st.builds(Row, st.none() | chairs, seats)
halls = st.builds(
    Hall,
    st.dictionaries(st.integers(), rows, max_size=3).map(Map),
    st.dictionaries(st.tuples(texts, st.uuids()), st.tuples(st.integers(), times), max_size=3).map(Map),
    st.dictionaries(texts, seats, max_size=3).map(Map),
)
houses = st.builds(
    House,
    texts,
    halls,
    st.dictionaries(st.uuids(), chairs, max_size=3).map(Map),
    st.frozensets(texts, max_size=3),
    st.floats(allow_nan=False, allow_infinity=False),
)
codec = Chunks(House)


def decoded(chunks: list[bytes]) -> House:
    decoding = codec.decode()
    next(decoding)
    for number, chunk in enumerate(chunks, 1):
        try:
            decoding.send(chunk)
        except StopIteration as end:
            assert number == len(chunks), "it was complete before its end"
            house: House = end.value
            return house
    raise ValueError("it ends too early")


@given(houses)
def test_a_state_comes_back_as_it_was(house: House) -> None:
    chunks = list(codec.encode(house))

    assert decoded(chunks) == house
    assert not any(b"\n" in chunk for chunk in chunks)


def test_what_comes_back_is_of_the_same_types() -> None:
    chair = Chair(chair_id=UUID(int=1), names={"en": "Chair"})
    house = House("one", Hall(rows=Map({7: Row(chair, Map({UUID(int=2): None}))})), full=frozenset({"a"}))

    again = decoded(list(codec.encode(house)))

    assert isinstance(again.hall.rows, Map)
    row = again.hall.rows[7]
    assert (type(row), type(row.first), type(row.taken), type(again.full)) == (Row, Chair, Map, frozenset)


def test_a_large_collection_is_many_small_chunks() -> None:
    """So that whoever encodes it can let others work in between."""
    guests = Map[UUID, None]((UUID(int=number), None) for number in range(10 * _ENTRIES))
    house = House("full", Hall(seats=Map({"stalls": guests})))

    chunks = list(codec.encode(house))

    assert len(chunks) > 10
    assert max(map(len, chunks)) < 64 * _ENTRIES
    assert decoded(chunks) == house


@given(houses, st.data())
def test_what_is_cut_off_or_of_another_shape_is_no_state(house: House, data: st.DataObject) -> None:
    chunks = list(codec.encode(house))
    short = chunks[: data.draw(st.integers(0, len(chunks) - 1))]

    with pytest.raises(ValueError, match=r"."):
        decoded(short)
    with pytest.raises(ValueError, match=r"."):
        decoded([b'{"another": "shape"}', *chunks])


def test_a_map_where_it_could_not_be_read_back_is_refused_before_anything_is_written() -> None:
    class Odd(NamedTuple):
        maps: tuple[Map[str, int], ...]

    with pytest.raises(TypeError):
        Chunks(Odd)
