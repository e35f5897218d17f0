"""Accreditation: who may come.

Owns       delegations with their quotas and nominations, vetting outcomes, accreditations, badges and the keys that
           sign them, the category x zone matrix, and the vault: the one place that holds personal data.
Publishes  DelegationInvited, DelegationConfirmed, DelegateNominated, AccreditationGranted, AccreditationRefused,
           BadgeIssued, BadgeActivated, BadgeReportedLost, BadgeReplaced, BadgeSuspended, BadgeReinstated, BadgeRevoked,
           IssuerKeyPublished, PersonalDataErased.
Consumes   nothing.

    stream                       decider                 states
    delegation-<id>              domain/delegation.py    unknown -> invited -> confirmed
    accreditation-<nomination>   domain/accreditation.py pending (vetting: none, referred, cleared, refused)
                                                         -> granted | refused
    badge-<badge>                domain/badge.py         issued -> active -> lost -> (replaced: issued, next version)
                                                         any -> suspended -> as before; any -> revoked, for good
    matrix                       domain/matrix.py        the rules in force
    issuer-keys                  domain/issuer_keys.py   the keys gates may trust
    person-<id>                  domain/people.py        erased, or not

Dilemma: a nomination is refused while its delegation has not confirmed. Notes verbales often confirm and nominate
at once; the desk then confirms first, which one letter covers.
"""
