"""A person's data are erased: recorded once, so that whoever copied any of it forgets it too."""

from services.accreditation.domain.people import PEOPLE, ErasePersonalData, PersonalDataErased
from tests.accreditation.controls import PERSON
from tests.controls import given


def test_an_erasure_is_recorded() -> None:
    given(PEOPLE).when(ErasePersonalData(person_id=PERSON)).then(PersonalDataErased(person_id=PERSON))


def test_an_erasure_is_recorded_once() -> None:
    given(PEOPLE, PersonalDataErased(person_id=PERSON)).when(ErasePersonalData(person_id=PERSON)).then()
