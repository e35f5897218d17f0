// Shifts as the service tells them, and what may be done about them by whom.
import type { Gathering } from "./picture.ts";

export interface Item {
  item_id: string;
  kind: "incident" | "lockdown" | "evacuation" | "gate" | "capacity" | "badge" | "note";
  ref: string | null;
  /** A code: the incident's kind, the order's reason, `silent`; or how many badges. */
  detail: string | null;
  /** As people call it; null: a rule's incident, or a badge. */
  title: string | null;
  accepted_by: string | null;
  accepted_at: Gathering | null;
}

export interface Handover {
  handover_id: string;
  from: string;
  to: string | null;
  offered_by: string;
  offered_at: Gathering;
  note: string | null;
  items: Item[];
}

export interface Kept extends Item {
  officer: string;
  handover_id: string;
}

export interface Shifts {
  on_duty: string | null;
  since: Gathering | null;
  handover: Handover | null;
  kept: Kept[];
  past: (Handover & { ended_at: Gathering })[];
}

/** Commands, and shows what came of it; true where it was done. */
export type Command = (path: string, body: unknown, key: string) => Promise<boolean>;

export interface MayDo {
  start: boolean;
  /** Also a commander, who relieves whoever is on duty. */
  offer: boolean;
  accept: boolean;
  withdraw: boolean;
  /** What stayed with somebody who is not on duty any more. */
  acceptKept: boolean;
}

/** As the service would allow it to `me`. */
export function mayDoNow({ on_duty, handover }: Shifts, me: string | null, roles: readonly string[]): MayDo {
  const isOfficer = me !== null && (roles.includes("operations") || roles.includes("commander"));
  const commands = roles.includes("commander");
  const isIncoming = handover !== null && me !== handover.from && (handover.to === null || handover.to === me);
  return {
    start: isOfficer && on_duty === null,
    offer: isOfficer && on_duty !== null && handover === null && (on_duty === me || commands),
    accept: isOfficer && isIncoming,
    withdraw: isOfficer && handover !== null && (handover.from === me || commands),
    acceptKept: isOfficer && on_duty === me,
  };
}

export function left(handover: Handover): Item[] {
  return handover.items.filter((item) => item.accepted_by === null);
}

/** The next to be accepted after one that just was, from there on and then from the beginning; null: that was the last. */
export function following(items: readonly Item[], accepted: string): string | null {
  const place = items.findIndex((item) => item.item_id === accepted);
  const round = [...items.slice(place + 1), ...items.slice(0, Math.max(0, place))];
  return round.find((item) => item.accepted_by === null)?.item_id ?? null;
}

/** Where an item is looked at. */
export function addressOf({ kind, ref }: Item): string | null {
  switch (kind) {
    case "incident":
      return ref && `/incidents/${ref}`;
    case "capacity":
      return ref && `/zones/${ref}`;
    case "lockdown":
    case "evacuation":
      return "/orders";
    case "gate":
      return "/gates";
    case "badge":
      return ref && ref !== "suspended" ? `/people?badge=${ref}` : null;
    default:
      return null;
  }
}

/** Who was on duty at a past minute, as far as the hand-overs that are remembered tell. */
export function onDutyAt(shifts: Shifts, minute: Gathering): string | null {
  const then = Date.parse(minute);
  if (shifts.since && Date.parse(shifts.since) <= then) return shifts.on_duty;
  const last = shifts.past.find((one) => Date.parse(one.ended_at) <= then); // the latest comes first
  if (last) return last.to;
  return shifts.past.at(-1)?.from ?? null;
}
