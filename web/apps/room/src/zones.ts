// One zone over time, and who is in it, as the service tells it.
import { time } from "@placet/kit/language.ts";
import type { Gathering } from "./picture.ts";

/** Who may see who is in a zone. */
export const ROLL_KEEPERS = ["operations", "commander", "supervisor", "auditor"] as const;
export const COUNTERS = ["supervisor", "operations"] as const;

/** GET /v1/zones/{id}/history */
export interface Occupancy {
  zone_id: string;
  /** As it is now. */
  capacity: number | null;
  minutes: Gathering[];
  /** At the end of each of the minutes. */
  counts: number[];
}

/** GET /v1/zones/{id}/people */
export interface Roll {
  zone_id: string;
  count: number;
  /** Counted, and not known by name: they came through unread. May be negative. */
  unidentified: number;
  by_delegation: { delegation_id: string | null; people: number }[];
  by_category: { category: string | null; people: number }[];
  people: { person_id: string; delegation_id: string | null; category: string | null; since: Gathering }[];
}

export const HOURS = [6, 24, 72] as const;
export type Hours = (typeof HOURS)[number];

/** The address of so many hours of a zone, up to a minute or now. */
export function historyOf(zoneId: string, hours: Hours, now: Date, lookedAt: Gathering | null): string {
  const until = lookedAt ? new Date(lookedAt) : now;
  const query = new URLSearchParams({ since: new Date(until.getTime() - hours * 3_600_000).toISOString() });
  if (lookedAt) query.set("until", until.toISOString());
  return `/v1/zones/${encodeURIComponent(zoneId)}/history?${query}`;
}

export function rollOf(zoneId: string, lookedAt: Gathering | null): string {
  const path = `/v1/zones/${encodeURIComponent(zoneId)}/people`;
  return lookedAt ? `${path}?${new URLSearchParams({ at: new Date(lookedAt).toISOString() })}` : path;
}

export interface Peak {
  at: Gathering;
  count: number;
}

/** When most people were in it: the first such minute. */
export function peak({ minutes, counts }: Occupancy): Peak | null {
  let best: Peak | null = null;
  counts.forEach((count, place) => {
    const at = minutes[place];
    if (at && (!best || count > best.count)) best = { at, count };
  });
  return best;
}

const MOST_ROWS = 30;
const STEPS = [15, 30, 60, 120, 180]; // minutes

/** Of so many minutes those that a table shows, the last of them among these: at round times, not too many. */
export function sampled(shown: Occupancy): Peak[] {
  const step = STEPS.find((one) => shown.minutes.length / one <= MOST_ROWS) ?? 240;
  const last = shown.minutes.length - 1;
  return shown.minutes.flatMap((at, place) => {
    const count = shown.counts[place];
    const isRound = minuteOfDay(at) % step === 0;
    return count !== undefined && (isRound || place === last) ? [{ at, count }] : [];
  });
}

// At the venue: half past there may be a quarter past in UTC.
function minuteOfDay(at: Gathering): number {
  const [hour, minute] = time(at).split(":").map(Number);
  return (hour ?? 0) * 60 + (minute ?? 0);
}
