// The day as a line of minutes: where a minute is on it, and what stands out.
import { time } from "@placet/kit/language.ts";
import type { Gathering } from "./picture.ts";

export const MINUTE_MS = 60_000;

export type MarkKind =
  | "evacuation"
  | "all_clear"
  | "lockdown"
  | "lockdown_lifted"
  | "threat"
  | "incident"
  | "incident_closed"
  | "zone_full"
  | "zone_has_room"
  | "session";

export interface Mark {
  at: Gathering;
  kind: MarkKind;
  /** Of the zone, venue, session or incident. */
  ref: string;
  /** A reason, a level, a kind of incident. */
  text?: string;
}

/** GET /v1/timeline: of any minute from..to there is a picture. */
export interface Timeline {
  from: Gathering;
  to: Gathering;
  step_s: number;
  marks: Mark[];
}

/** Minutes since 1970. */
export type Minute = number;

/** From the minute something is on record to the current one, which is live. */
export interface Span {
  first: Minute;
  last: Minute;
}

export function minuteOf(at: Gathering | number): Minute {
  return Math.floor((typeof at === "number" ? at : Date.parse(at)) / MINUTE_MS);
}

export function iso(minute: Minute): Gathering {
  return new Date(minute * MINUTE_MS).toISOString();
}

/** `now`: of the live picture, which goes on after the timeline was asked for. */
export function span({ from, to }: Pick<Timeline, "from" | "to">, now: Gathering | null): Span {
  const first = minuteOf(from);
  return { first, last: Math.max(first, minuteOf(to), now ? minuteOf(now) : first) };
}

export function within({ first, last }: Span, minute: Minute): Minute {
  return Math.min(last, Math.max(first, minute));
}

/** How far along the line a minute is: 0 to 1. */
export function along({ first, last }: Span, minute: number): number {
  return last === first ? 1 : Math.min(1, Math.max(0, (minute - first) / (last - first)));
}

const A_PAGE = 15;

/** Where a key leads from `minute`; null: it leads nowhere. */
export function stepped(whole: Span, minute: Minute, key: string): Minute | null {
  switch (key) {
    case "ArrowRight":
    case "ArrowUp":
      return within(whole, minute + 1);
    case "ArrowLeft":
    case "ArrowDown":
      return within(whole, minute - 1);
    case "PageUp":
      return within(whole, minute + A_PAGE);
    case "PageDown":
      return within(whole, minute - A_PAGE);
    case "Home":
      return whole.first;
    case "End":
      return whole.last;
    default:
      return null;
  }
}

/** The nearest mark before (-1) or after (1) a minute; null: there is none. */
export function neighbour(marks: readonly Mark[], minute: Minute, way: -1 | 1): Minute | null {
  const minutes = marks.map((mark) => minuteOf(mark.at)).filter((at) => (at - minute) * way > 0);
  return minutes.length ? (way > 0 ? Math.min(...minutes) : Math.max(...minutes)) : null;
}

const STEPS_H = [1, 2, 3, 6, 12, 24];
const MOST_HOURS = 8;

/** Whole hours of the venue's day to write below the line, a handful. */
export function hours({ first, last }: Span): Minute[] {
  const length = (last - first) / 60;
  const step = STEPS_H.find((one) => length / one <= MOST_HOURS) ?? 24;
  const found: Minute[] = [];
  // Some countries are half an hour, or a quarter, away from everybody else's hours.
  for (let minute = Math.ceil(first / 15) * 15; minute <= last; minute += 15) {
    const [hour, past] = time(iso(minute), { hour: "2-digit", minute: "2-digit" }).split(":").map(Number);
    if (past === 0 && hour !== undefined && hour % step === 0) found.push(minute);
  }
  return found;
}
