"""The benchmark's own arithmetic: percentiles, costs a scan, and how a cost grows."""

import statistics
from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest of ``values`` that ``percent`` of them do not exceed."""
    return sorted(values)[-(-len(values) * percent // 100) - 1]


def percentiles(name: str, values: Sequence[float], digits: int = 2) -> dict[str, float]:
    """``name`` with p50, p95 and p99 in its place for ``{}``; nothing for no values."""
    if not values:
        return {}
    return {name.format(f"p{percent}"): round(percentile(values, percent), digits) for percent in (50, 95, 99)}


def a_scan(before: Mapping[str, float], after: Mapping[str, float], scans: int) -> dict[str, float]:
    """Milliseconds of CPU a scan, by process, from seconds of CPU before and after ``scans`` of them."""
    return {name: 1_000 * (after[name] - before[name]) / scans for name in after}


def growth(costs: Mapping[int, Sequence[float]]) -> float:
    """How many times the cost with the shortest history the one with the longest is; medians of interleaved runs."""
    return statistics.median(costs[max(costs)]) / statistics.median(costs[min(costs)])
