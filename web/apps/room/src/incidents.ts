// Incidents as the service tells them, and what follows from how one stands: how urgent it is, and what comes next.
import type { Gathering } from "./picture.ts";

export const STATES = [
  "reported",
  "triaged",
  "assigned",
  "acknowledged",
  "in_progress",
  "contained",
  "resolved",
  "verified",
  "closed",
] as const;
export type State = (typeof STATES)[number];

export const SEVERITIES = [1, 2, 3, 4] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What people report, the most frequent first; the rest is raised by rules as a rule. */
export const KINDS = [
  "medical",
  "suspicious_item",
  "intruder",
  "tailgating",
  "lost_badge",
  "protest",
  "credential_outage",
  "network_loss",
  "wrong_data",
  "denied_vip",
  "watched_person",
  "duress",
  "double_entry",
  "admitted_after_revocation",
  "zone_full",
  "silent_gate",
  "device_clock",
  "stale_data",
  "relay_lag",
  "dead_letter",
  "service_down",
  "override_unreviewed",
  "journal_disputed",
  "evacuation",
  "lockdown",
  "other",
] as const;
/** Only those who command hear of these, whatever is ticked. */
export const DISCREET_KINDS: readonly string[] = ["duress", "watched_person"];

/** Who reports, takes and resolves; who decides how bad it is, whose, and when it is over. */
export const HANDLERS = ["operations", "commander", "supervisor", "admin"] as const;
export const LEADERS = ["operations", "commander", "admin"] as const;
const HIGHEST_LEVEL = 2;

export interface Incident {
  incident_id: string;
  /** 1, 2, 3 ...: as it is called over the radio. */
  number: number;
  kind: string;
  severity: Severity;
  state: State;
  /** How far up it went: 0, 1, 2. */
  escalated: number;
  /** Null: a rule's, which is called by its kind and place. */
  title: string | null;
  place: { zone_id: string | null; gate_id: string | null };
  /** What else it is about: `device-<id>`, `service-access`. */
  about?: string | null;
  people: string[];
  badges: string[];
  opened_at: Gathering;
  changed_at: Gathering;
  /** When the escalation clock runs out next; null: it does not run. */
  due_at: Gathering | null;
  assignee: string | null;
  raised_by: "person" | "rule";
  /** How often it was raised again while it was open. */
  repeats: number;
  discreet: boolean;
  version: number;
  /** Whether what raised it is over. */
  cause_over: boolean;
  merged_into?: string | null;
}

export interface Entry {
  at: Gathering;
  actor: string;
  what: string;
  text: string | null;
  rationale: string | null;
  /** States, unless the entry is about something else: severities, assignees, a level, another incident, a gate. */
  from: string | null;
  to: string | null;
}

/** One incident as GET /v1/incidents/{id} answers. */
export interface Recorded extends Incident {
  /** The first entry first. */
  log: Entry[];
  /** Ids of those that are part of it. */
  merged: string[];
}

export function isOpen(incident: Incident): boolean {
  return incident.state !== "closed" && !incident.merged_into;
}

/** The worst first, of those the oldest first. */
export function byUrgency(one: Incident, other: Incident): number {
  return (
    Number(isOpen(other)) - Number(isOpen(one)) ||
    one.severity - other.severity ||
    Date.parse(one.opened_at) - Date.parse(other.opened_at) ||
    one.number - other.number
  );
}

/** Keeps rows where they are while somebody is among them; what is new stands above them. */
export function settled(sorted: readonly string[], before: readonly string[], held: boolean): string[] {
  if (!held) return [...sorted];
  const still = new Set(sorted);
  const known = new Set(before);
  return [...sorted.filter((id) => !known.has(id)), ...before.filter((id) => still.has(id))];
}

export interface Wanted {
  state: "open" | "closed" | "all" | State;
  severity: Severity | null;
  kind: string | null;
  mine: boolean;
}

export function isWanted(incident: Incident, wanted: Wanted, me: string | null): boolean {
  if (wanted.severity !== null && incident.severity !== wanted.severity) return false;
  if (wanted.kind !== null && incident.kind !== wanted.kind) return false;
  if (wanted.mine && (me === null || incident.assignee !== me)) return false;
  if (wanted.state === "all") return true;
  if (wanted.state === "open") return isOpen(incident);
  if (wanted.state === "closed") return !isOpen(incident);
  return incident.state === wanted.state && !incident.merged_into;
}

export type Urgency = "late" | "soon" | "calm";

/** The escalation clock: seconds until it runs out, below zero once it has; null: it does not run. */
export function clock(incident: Incident, now: Date): { seconds: number; urgency: Urgency } | null {
  if (!incident.due_at || !isOpen(incident)) return null;
  const seconds = Math.ceil((Date.parse(incident.due_at) - now.getTime()) / 1000);
  return { seconds, urgency: seconds <= 0 ? "late" : seconds <= 60 ? "soon" : "calm" };
}

/** `4:05`, as on the face of a clock. */
export function countdown(seconds: number): string {
  const left = Math.max(0, seconds);
  const [hours, minutes] = [Math.floor(left / 3600), Math.floor(left / 60) % 60];
  const two = (part: number) => String(part).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(left % 60)}` : `${minutes}:${two(left % 60)}`;
}

/** Moves, each as its address says it. */
export type Move =
  | "triage"
  | "assignment"
  | "acknowledgement"
  | "start"
  | "escalation"
  | "containment"
  | "resolution"
  | "verification"
  | "closure"
  | "reopening"
  | "merge";

const LEADING: readonly Move[] = ["triage", "assignment", "verification", "closure", "reopening", "merge"];

/** What may come next, as the service would allow it; the likeliest first. */
export function nextMoves(incident: Incident, roles: readonly string[], isResolver: boolean): Move[] {
  if (incident.merged_into) return [];
  const leads = LEADERS.some((role) => roles.includes(role));
  const handles = HANDLERS.some((role) => roles.includes(role));
  return possible(incident, isResolver).filter((move) => (LEADING.includes(move) ? leads : handles));
}

function possible(incident: Incident, isResolver: boolean): Move[] {
  const higher: Move[] = incident.escalated < HIGHEST_LEVEL ? ["escalation"] : [];
  const grave = incident.severity === 1;
  switch (incident.state) {
    case "closed":
      return ["reopening"];
    case "verified":
      return ["closure", "reopening", ...higher, "triage", "merge"];
    case "resolved": {
      // Of severity 1 whoever resolved it does not verify it, and nobody closes what was not verified.
      const verify: Move[] = grave && isResolver ? [] : ["verification"];
      return [...verify, ...(grave ? [] : (["closure"] as const)), "reopening", ...higher, "triage", "merge"];
    }
    case "contained":
      return ["resolution", "start", "assignment", ...higher, "triage", "merge"];
    case "in_progress":
      return ["resolution", "containment", "assignment", ...higher, "triage", "merge"];
    case "acknowledged":
      return ["start", "containment", "resolution", "assignment", ...higher, "triage", "merge"];
    default:
      return [...beginnings(incident), "start", "containment", "resolution", ...higher, "merge"];
  }
}

// What stops the clock comes first where it runs for minutes.
function beginnings(incident: Incident): Move[] {
  if (incident.state === "assigned") return ["acknowledgement", "assignment", "triage"];
  const judged: Move[] = incident.state === "reported" ? ["triage", "assignment"] : ["assignment", "triage"];
  return incident.severity <= 2 ? ["acknowledgement", ...judged] : [...judged, "acknowledgement"];
}

/** Whether somebody was the last to resolve it. */
export function resolvedBy(log: readonly Entry[], actor: string | null): boolean {
  const last = log.filter((entry) => entry.what === "resolved").at(-1);
  return last !== undefined && last.actor === actor;
}

/** What an incident can be merged into: open ones that were reported before it, the latest first. */
export function mergeable(incident: Incident, all: readonly Incident[]): Incident[] {
  return all
    .filter((one) => isOpen(one) && one.number < incident.number)
    .sort((one, other) => other.number - one.number);
}

/** Ids of grave incidents that nobody has been told of. */
export function unheard(incidents: readonly Incident[], told: ReadonlySet<string>): Incident[] {
  return incidents.filter((one) => isOpen(one) && one.severity <= 2 && !told.has(one.incident_id));
}
