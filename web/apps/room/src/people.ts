// People and delegations as the services tell them: by id. Names are asked for by themselves, each look on record.
import { get, mayDo, post } from "@placet/kit/api.ts";
import { knows, say } from "@placet/kit/language.ts";
import type { Gathering, Names } from "./picture.ts";

/** Who may see where somebody is. */
export const FOLLOWERS = ["operations", "commander", "supervisor", "protocol", "auditor"] as const;
/** Who may read why a scan was decided so. */
export const EXPLAINED = ["supervisor", "operations", "commander", "auditor", "admin"] as const;
export const SUSPENDERS = ["supervisor", "admin"] as const;
export const REVOKERS = ["protocol", "commander", "admin"] as const;

export type BadgeStatus = "awaiting" | "active" | "suspended" | "lost" | "revoked";
export type Outcome = "admitted" | "refused" | "exited";

export interface Badge {
  badge_id: string;
  version: number;
  status: BadgeStatus;
}

export interface Seen {
  gate_id: string;
  at: Gathering;
}

export interface Scan {
  at: Gathering;
  gate_id: string;
  zone_id: string;
  direction: "in" | "out";
  outcome: Outcome;
  reason: string | null;
  scan_id: string;
  /** Decided, and not taken: nobody went through. */
  undone: boolean;
}

/** GET /v1/people/{id}: on record. */
export interface Person {
  person_id: string;
  delegation_id: string | null;
  category: string | null;
  badges: Badge[];
  /** Zones, the outermost first. */
  inside: string[];
  last_seen: Seen | null;
  /** The earliest first; the latest 500. */
  path: Scan[];
}

/** GET /v1/people?badge= */
export type Holder = Pick<Person, "person_id" | "delegation_id" | "category" | "badges">;

/** GET /v1/delegations */
export interface Listed {
  delegation_id: string;
  kind: string;
  names: Partial<Names>;
  confirmed: boolean;
  /** Named by it and not refused. */
  people: number;
  inside: number;
}

export interface Member {
  person_id: string;
  category: string;
  inside: string[];
  last_seen: Seen | null;
}

/** GET /v1/delegations/{id} */
export interface Delegation extends Omit<Listed, "people"> {
  head: Member | null;
  people: Member[];
}

/** What accreditation tells of who somebody is. */
export interface Named {
  person_id: string;
  delegation_id: string;
  category: string;
  name: string;
  title: string;
  function: string;
}

/** GET /v1/via/access/scans/{id}/explanation */
export interface Explanation {
  outcome: Outcome;
  reason: string | null;
  policy_version: number;
  /** What the same scan comes to, decided again; null: it was not decided by the service itself. */
  decided_again: Outcome | null;
  same_again: boolean;
  passed: string[];
  failed: { code: string; decisive: boolean; guard: string; remedy: string }[];
  would_have_admitted: string[];
}

/** The page of the room that shows them: what a look is recorded to have been for. */
export type Purpose = "people" | "delegations" | "zones" | "gates" | "incidents" | "orders" | "timeline";

const MOST_NAMES = 50; // of one question

/** Who these are, by id; those unknown or erased are left out. Every one of them is on record as looked at. */
export async function askNames(ids: readonly string[], purpose: Purpose): Promise<Map<string, Named>> {
  const found = new Map<string, Named>();
  for (let from = 0; from < ids.length; from += MOST_NAMES) {
    const body = { person_ids: ids.slice(from, from + MOST_NAMES), purpose };
    for (const one of await post<Named[]>("/v1/via/accreditation/people/names", body)) found.set(one.person_id, one);
  }
  return found;
}

/** Whether whoever is signed in may ask for names. */
export function mayName(): boolean {
  return mayDo(...FOLLOWERS);
}

export function explanationOf(scanId: string): Promise<Explanation> {
  return get<Explanation>(`/v1/via/access/scans/${encodeURIComponent(scanId)}/explanation`);
}

/** A category in words, where there are some. */
export function category(id: string | null): string {
  if (!id) return say("people.categoryUnknown");
  return knows(`category.${id}`) ? say(`category.${id}`) : id.replaceAll("-", " ");
}

export function kind(id: string): string {
  return knows(`kind.${id}`) ? say(`kind.${id}`) : id;
}

export function reason(code: string): string {
  return knows(`reason.${code}`) ? say(`reason.${code}`) : code.replaceAll("_", " ");
}

/** Enough of an id to tell one from another at a glance: the last digits, for the first ones tell the time. */
export function short(id: string): string {
  return `…${id.replaceAll("-", "").slice(-6)}`;
}
