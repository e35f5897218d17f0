"""What Prometheus sees of the scanners, while this process leads: how many, and what is wrong with how many.

Which ones, no metric says: that is at ``/v1/devices``, for those who may know.
"""

from collections.abc import Callable, Iterator
from functools import partial

from prometheus_client import Gauge

from chassis.log.obey import UnavailableError
from services.access.domain.devices import SKEWED_S, ReportDevice
from services.access.fleet import Fleet
from services.access.gatekeeper import Gatekeeper

_DECIDING = Gauge("placet_gatekeeper_deciding", "1 while scans are decided by this process, else 0.")
_DEVICES = Gauge("placet_devices", "Devices that may scan.")
_SILENT = Gauge("placet_devices_silent", "Devices that fell silent: heard of once, and not for a minute.")
_SKEWED = Gauge("placet_devices_skewed", "Devices heard of whose clock is more than 30 s off.")
_BEHIND = Gauge("placet_devices_behind", "Devices heard of without the newest of a list.", ["list"])
_QUEUE = Gauge("placet_devices_queued_scans", "Scans that devices heard of decided and have not brought yet.")
_OLDEST = Gauge("placet_devices_oldest_queue_seconds", "For how long any device heard of has had scans to bring.")


def watch(gatekeeper: Gatekeeper, fleet: Fleet) -> None:
    """Lets the metrics tell of ``fleet`` from now on, each time they are asked."""

    def reports() -> Iterator[ReportDevice]:
        heard = (fleet.last(device.device_id) for device in fleet.present())
        return (heartbeat.report for heartbeat in heard if heartbeat is not None)

    def devices() -> int:
        return sum(not device.cut_off for device in gatekeeper.venue.devices.known.values())

    def silent() -> int:
        known = gatekeeper.venue.devices.known
        return sum(not known[device_id].cut_off for device_id in gatekeeper.venue.devices.silent)

    def skewed() -> int:
        return sum(abs(report.skew_s or 0) > SKEWED_S for report in reports())

    def behind_policy() -> int:
        newest = gatekeeper.venue.policy_version
        return sum((report.policy_version or 0) < newest for report in reports())

    def behind_revocations() -> int:
        newest = gatekeeper.venue.badges.revocations.version
        return sum((report.revocation_version or 0) < newest for report in reports())

    _DECIDING.set_function(lambda: gatekeeper.leads)
    counts: dict[Gauge, Callable[[], float]] = {
        _DEVICES: devices,
        _SILENT: silent,
        _SKEWED: skewed,
        _BEHIND.labels("policy"): behind_policy,
        _BEHIND.labels("revocations"): behind_revocations,
        _QUEUE: lambda: sum(report.queue for report in reports()),
        _OLDEST: fleet.oldest_queue_s,
    }
    for gauge, count in counts.items():
        gauge.set_function(partial(_while_leading, gatekeeper, count))


def _while_leading(gatekeeper: Gatekeeper, count: Callable[[], float]) -> float:
    """0 in whoever stands by: the devices speak to the process that leads."""
    try:
        return count() if gatekeeper.leads else 0
    except UnavailableError:  # it led a moment ago
        return 0
