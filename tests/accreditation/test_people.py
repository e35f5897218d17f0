"""A person's data are erased: recorded once, so that whoever copied any of it forgets it too."""

from services.accreditation.domain.people import PEOPLE, ErasePersonalData, PersonalDataErased, PersonUnknown
from tests.accreditation.controls import PERSON
from tests.controls import given


def test_an_erasure_is_recorded() -> None:
    given(PEOPLE).when(ErasePersonalData(person_id=PERSON, known=True)).then(PersonalDataErased(person_id=PERSON))


def test_an_erasure_is_recorded_once() -> None:
    for known in (True, False):
        erase = ErasePersonalData(person_id=PERSON, known=known)
        given(PEOPLE, PersonalDataErased(person_id=PERSON)).when(erase).then()


def test_somebody_nobody_ever_knew_is_not_erased() -> None:
    given(PEOPLE).when(ErasePersonalData(person_id=PERSON, known=False)).then_refused(PersonUnknown)
