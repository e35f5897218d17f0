"""Who people, services and devices may be. Every route names the roles it admits."""

from typing import Literal, get_args

Role = Literal[
    "desk",  # the accreditation desk
    "protocol",
    "vetting",  # the authority that checks people
    "focal_point",  # a delegation's registrar, bound to that delegation
    "supervisor",  # of gates
    "operations",
    "commander",  # orders in force: lockdown, evacuation
    "auditor",
    "admin",
    "service",  # another Placet service
    "subscriber",  # an outside system that reads event streams
    "device",  # a scanner at a gate
]
ROLES: tuple[Role, ...] = get_args(Role)
