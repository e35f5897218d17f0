/**
 * The picture: what GET /v1/snapshot answers, and what the `snapshot` event of GET /v1/live holds.
 * A `delta` event holds the parts that changed: a KEYED part holds, of entries that changed, the id and the changed fields
 * (a new one is put where `order` says; parts without `order` are sorted as their comment says); every other part comes
 * as a whole.
 * When an entry is gone from a keyed part a fresh `snapshot` event comes instead of a delta.
 *
 * Tiers: `totals` < `room` < `command`. A part a tier does not see is absent. An event id belongs to one tier:
 * who signs in and comes again with the old Last-Event-ID gets a snapshot.
 *
 * Gathering: ISO 8601 UTC by the clock of the gathering (clock.now). Real: ISO 8601 UTC by the real clock.
 */
import type { Incident } from "./incidents.ts";

export type Gathering = string;
export type Real = string;
export type Tier = "totals" | "room" | "command";

export interface Names {
  en: string;
  fr: string;
  vi: string;
}

export interface Picture {
  updated_at: Real;
  /** Whose eyes this is for. */
  tier: Tier;
  event: string | null;
  clock: Clock;
  sources: Source[];
  delegations: { states: Invited; others: Invited };
  nominations: { nominated: number; pending: number; granted: number; refused: number };
  badges: { issued: number; awaiting: number; active: number; lost: number; suspended: number; revoked: number };
  people: { inside: number };
  scans: Scans;
  refusals: Refusal[];
  venues: Venue[];
  /** KEYED by zone_id; `order`. */
  zones: Zone[];
  /** KEYED by gate_id; `order`. */
  gates: Gate[];
  notices: { sent: number; failed: number };
  /** KEYED by session_id; sort by starts_at, then session_id. At most 12. */
  sessions: Session[];
  orders: Orders;
  /** KEYED by service; in the order accreditation, access, notifications, operations. */
  services: Service[];
  /** room, command. KEYED by device_id; `order`. */
  devices?: Device[];
  /** room, command. KEYED by delegation_id; sort as you like. */
  funnel?: DelegationFunnel[];
  /** room, command (discreet ones: command). KEYED by incident_id. Open ones, and those closed within the hour. */
  incidents?: Incident[];
  /** room, command. */
  shift?: Shift;
  /** Names the pages the service has now; null: none were built. Not of the past. */
  pages?: string | null;
  /** Of the past: the minute this was so. */
  as_of?: Gathering;
}

export interface Clock {
  now: Gathering;
  simulated: boolean;
  time_zone: string;
}

export interface Source {
  source: "accreditation" | "access" | "notifications";
  state: "current" | "behind" | "silent" | "stopped" | "elsewhere";
  number: number;
  /** Events known and not applied; null: another process applies them. */
  lag: number | null;
  complaint: string | null;
}

export interface Invited {
  invited: number;
  confirmed: number;
}

export interface ByOutcome {
  admitted: number;
  refused: number;
  exited: number;
}

export interface Scans extends ByOutcome {
  total: number;
  /** The last 60 seconds. */
  last_minute: ByOutcome;
  /** Sixty numbers each, one a minute from `since`, the current minute last. */
  last_hour: { since: Gathering; admitted: number[]; refused: number[]; exited: number[] };
}

export interface Refusal {
  reason: string;
  total: number;
  last_hour: number;
}

export interface Venue {
  venue_id: string;
  /** 0 (nothing special) to 7. */
  threat_level: number;
  threat_reason: string;
  policy_version: number | null;
}

export interface Zone {
  zone_id: string;
  order: number;
  /** 0: outermost. */
  depth: number;
  names: Names;
  zone_class: "open" | "controlled" | "exclusive" | "medical";
  /** People; may be negative where more left unread than came. */
  count: number;
  capacity: number | null;
  full: boolean;
  nearly_full: boolean;
  /** The reason, while one is declared on this very zone. */
  lockdown: string | null;
  evacuation: string | null;
  /** Whether one holds here: on this zone or one around it. */
  locked: boolean;
  evacuated: boolean;
  /** A gate next to the zone has a silent device, which may hold scans we have not heard of: people between low and high. */
  uncertain: { low: number; high: number; gates: string[] } | null;
}

export interface Gate {
  gate_id: string;
  order: number;
  name: string;
  from_zone_id: string | null;
  to_zone_id: string;
  last_scan_at: Gathering | null;
  heard_at: Real | null;
  state: "open" | "closed" | "out_of_service";
  /** Scanned today, and not in the last ten minutes. */
  silent: boolean;
  /** Scanners that stand there and may scan. */
  devices: number;
  silent_devices: number;
  /** Scans of any outcome a minute; sixty, the current minute last (from scans.last_hour.since). */
  minutes: number[];
  /** In the last hour: those sixty minutes. */
  admitted_hour: number;
  refused_hour: number;
  /** Milliseconds from a scan's arrival to its verdict on record, the last 5 real minutes; null: nothing measured. */
  verdict_ms: { p50: number; p95: number; scans: number } | null;
}

export interface Device {
  device_id: string;
  order: number;
  gate_id: string;
  /** Null: enrolled, and never heard of. */
  heard_at: Gathering | null;
  /** 0 to 1; null: it has none, or has not said. */
  battery: number | null;
  /** Scans it decided by itself and has not brought yet, as it said last. */
  queue: number;
  /** Seconds its clock is ahead of ours; null: a scenario sets ours, or it has not said. */
  skew_s: number | null;
  policy_version: number | null;
  revocation_version: number | null;
  software: string | null;
  /** Nothing was heard of it for a minute. */
  silent: boolean;
  clock_suspected: boolean;
  cut_off: boolean;
  /** What it has not taken in yet, as far as it said. */
  behind: ("policy" | "revocations")[];
}

export interface Session {
  session_id: string;
  titles: Names;
  zone_id: string;
  starts_at: Gathering;
  ends_at: Gathering;
  /** Minutes before starts_at from which its rights let people in. */
  doors_minutes: number;
  state: "upcoming" | "doors" | "running";
}

export interface DelegationFunnel {
  delegation_id: string;
  kind: string;
  /** Empty where the invitation was never heard of. */
  names: Partial<Names>;
  confirmed: boolean;
  /** People nominated, whatever became of it; granted and refused are among them. */
  nominated: number;
  granted: number;
  refused: number;
  /** Badges issued; active are among them. */
  issued: number;
  active: number;
  /** People inside the venue now. */
  inside: number;
}

export interface Orders {
  lockdowns: Lockdown[];
  evacuations: Evacuation[];
  /** Venues whose level is not 0. */
  threat: Record<string, { level: number; reason: string; since: Gathering | null }>;
}

export interface Acknowledged {
  /** Devices of the order's gates heard of after it. */
  acknowledged: number;
  /** Devices enrolled at the order's gates: those into the zone and into everything inside it. */
  of: number;
  /** Gates with a device that was not heard of since. */
  waiting: string[];
}

export interface Lockdown extends Acknowledged {
  zone_id: string;
  reason: string;
  since: Gathering;
}

export interface Evacuation extends Acknowledged {
  /** Of the whole venue: one entry for each outermost zone, all with the same evacuation_id. */
  evacuation_id: string;
  zone_id: string;
  reason: string;
  ordered_at: Gathering;
  /** People believed in the zone by name when it was ordered. */
  expected: number;
  /** People counted in the zone without a name then. */
  unidentified: number;
  /** People who turned up at an assembly point, of the whole evacuation. */
  mustered: number;
  /** Of those expected, not accounted for: as access reconciled it last; before that, expected less mustered. */
  missing: number;
}

export interface Service {
  service: "accreditation" | "access" | "notifications" | "operations";
  state: "up" | "degraded" | "down";
  degraded: string[];
  /** Since when it is in this state, as operations knows it. */
  since: Real;
}

/** Who is on duty in the operations room. */
export interface Shift {
  on_duty: string | null;
  since: Gathering | null;
  handover: {
    handover_id: string;
    to: string | null;
    offered_at: Gathering;
    open_items: number;
    accepted_items: number;
  } | null;
}
