"""The category x zone matrix: what each category may enter, and under which condition."""

import pytest

from services.accreditation.domain.matrix import MATRIX, AreaNotInMatrix, MatrixSet, SetMatrix, entitled_areas
from tests.accreditation.controls import DELEGATE, HEAD, MEDIA
from tests.controls import given


def test_a_matrix_is_set() -> None:
    after = given(MATRIX).when(SetMatrix(categories=(DELEGATE, HEAD))).then(MatrixSet(categories=(DELEGATE, HEAD)))

    assert set(after.rules) == {"delegate", "head"}


def test_a_matrix_set_as_it_is_changes_nothing_in_whatever_order() -> None:
    given(MATRIX, MatrixSet(categories=(DELEGATE, HEAD))).when(SetMatrix(categories=(HEAD, DELEGATE))).then()
    given(MATRIX).when(SetMatrix(categories=())).then()


def test_a_new_matrix_replaces_the_old_one_altogether() -> None:
    before = given(MATRIX, MatrixSet(categories=(DELEGATE, HEAD)))

    after = before.when(SetMatrix(categories=(MEDIA,))).then(MatrixSet(categories=(MEDIA,)))

    assert set(after.rules) == {"media"}


def test_a_category_enters_what_it_may_enter_without_condition() -> None:
    assert entitled_areas(DELEGATE, ()) == ("exh", "per")


@pytest.mark.parametrize("area", ["pln", "vip"])
def test_a_condition_that_somebody_saw_met_opens_its_area(area: str) -> None:
    assert entitled_areas(DELEGATE, (area,)) == tuple(sorted(("exh", "per", area)))


def test_an_area_that_is_open_anyhow_may_be_named() -> None:
    assert entitled_areas(DELEGATE, ("per", "per")) == ("exh", "per")


@pytest.mark.parametrize("area", ["sgn", "ops", "nowhere"])
def test_an_area_the_category_never_enters_opens_on_no_condition(area: str) -> None:
    refused = entitled_areas(DELEGATE, ("pln", area))

    assert isinstance(refused, AreaNotInMatrix)
    assert refused.detail == f"delegate never enters {area}"
