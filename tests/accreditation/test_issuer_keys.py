"""The keys that sign badges are published once each."""

from services.accreditation.domain.issuer_keys import ISSUER_KEYS, IssuerKeyPublished, PublishIssuerKey
from tests.controls import given

KEY = PublishIssuerKey(key_id="0123456789abcdef", public_key="ab" * 32)
STAND_BY = PublishIssuerKey(key_id="fedcba9876543210", public_key="cd" * 32)
PUBLISHED = IssuerKeyPublished(**KEY.model_dump())


def test_a_key_is_published() -> None:
    given(ISSUER_KEYS).when(KEY).then(PUBLISHED)


def test_a_published_key_is_not_published_again() -> None:
    given(ISSUER_KEYS, PUBLISHED).when(KEY).then()


def test_a_second_key_is_published_beside_the_first() -> None:
    after = given(ISSUER_KEYS, PUBLISHED).when(STAND_BY).then(IssuerKeyPublished(**STAND_BY.model_dump()))

    assert after.published == {KEY.key_id, STAND_BY.key_id}
