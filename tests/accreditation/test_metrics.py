"""Prometheus sees which commands came and what became of them, and never an id."""

from uuid import uuid4

from tests.accreditation.controls import roster, row
from tests.accreditation.running import Desk


async def counted(desk: Desk, command: str, outcome: str) -> float:
    line = f'placet_accreditation_commands_total{{command="{command}",outcome="{outcome}"}} '
    metrics = (await desk.client.get("/metrics")).text.splitlines()
    return sum(float(one.removeprefix(line)) for one in metrics if one.startswith(line))


async def test_a_command_is_counted_by_name_as_accepted_or_by_the_code_it_was_refused_with(desk: Desk) -> None:
    silent = await desk.invited()
    looked_for = [
        ("InviteDelegation", "accepted"),
        ("ConfirmDelegation", "delegation_unknown"),
        ("NominateDelegate", "accepted"),
        ("NominateDelegate", "delegation_not_confirmed"),
        ("ActivateBadge", "badge_unknown"),
        ("ErasePersonalData", "person_unknown"),
    ]
    before = [await counted(desk, *one) for one in looked_for]

    await desk.nominated(await desk.welcome())
    await desk.ask("/v1/delegations/atlantis/confirmation", {"note_verbale": "NV 1"})
    await desk.ask("/v1/rosters", roster(*(row(silent, email=f"{uuid4().hex}@example.org") for _ in range(2))))
    await desk.ask(f"/v1/badges/{uuid4()}/activation")
    headers = {"Idempotency-Key": str(uuid4()), **desk.headers("admin")}
    await desk.client.delete(f"/v1/people/{uuid4()}", headers=headers)

    after = [await counted(desk, *one) for one in looked_for]
    assert [one - other for one, other in zip(after, before, strict=True)] == [1, 1, 1, 2, 1, 1]
