// Somebody's path through the day, from their scans: where they went, and how long they stayed.
import { time } from "@placet/kit/language.ts";
import type { BadgeStatus, Scan } from "../people.ts";
import type { Gathering } from "../picture.ts";

export interface Step {
  scan: Scan;
  /** Seconds from this entry until they left the zone again; null: they have not, or did not enter. */
  stayed: number | null;
}

export interface Day {
  day: string;
  steps: Step[];
}

/** Until a minute: what was scanned after its end, nobody knew then. */
export function until(path: readonly Scan[], minute: Gathering | null): Scan[] {
  if (!minute) return [...path];
  const end = Math.floor(Date.parse(minute) / 60_000) * 60_000 + 60_000;
  return path.filter((scan) => Date.parse(scan.at) < end);
}

/** By day at the venue, the earliest day and scan first. */
export function days(path: readonly Scan[]): Day[] {
  const found: Day[] = [];
  path.forEach((scan, place) => {
    const day = time(scan.at, { weekday: "long", day: "numeric", month: "long" });
    if (found.at(-1)?.day !== day) found.push({ day, steps: [] });
    found.at(-1)?.steps.push({ scan, stayed: stay(path, place) });
  });
  return found;
}

function stay(path: readonly Scan[], place: number): number | null {
  const entry = path[place];
  if (entry?.outcome !== "admitted" || entry.undone) return null;
  const left = path
    .slice(place + 1)
    .find((scan) => scan.outcome === "exited" && scan.zone_id === entry.zone_id && !scan.undone);
  return left ? (Date.parse(left.at) - Date.parse(entry.at)) / 1000 : null;
}

/** How a badge stands after a command on it, until the picture has heard of it. */
export function statusAfter(badge: { holding: string; suspended: boolean; revoked: boolean }): BadgeStatus {
  if (badge.revoked) return "revoked";
  if (badge.suspended) return "suspended";
  return badge.holding === "active" || badge.holding === "lost" ? badge.holding : "awaiting";
}

const WHOLE_ID = /^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$/i;

/** An id as services write it; null: that is none. */
export function wholeId(text: string): string | null {
  const typed = text.trim();
  if (!WHOLE_ID.test(typed)) return null;
  const digits = typed.replaceAll("-", "").toLowerCase();
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
    "-",
  );
}

/** What may be a badge's id, or the beginning of one. */
export function isBadge(text: string): boolean {
  const digits = text.trim().replaceAll("-", "");
  return /^[0-9a-f]{8,32}$/i.test(digits);
}
