// Orders: what one says, how far it reaches, and how sure somebody must be before it is given.
import { named } from "@placet/kit/language.ts";
import type { Evacuation, Gate, Gathering, Picture, Zone } from "./picture.ts";

/** `zone_id` null: every outermost zone, and so the whole venue. */
export type Order =
  | { what: "lockdown"; zone_id: string | null; reason: string }
  | { what: "lifting"; zone_id: string }
  | { what: "evacuation"; zone_id: string | null; reason: string }
  | { what: "allClear"; evacuation_id: string; zone_ids: readonly string[]; missing: number }
  | { what: "threat"; level: number; reason: string };

export type Kind = Order["what"];

/** Codes, as access keeps them: a word from a list, never a sentence about a person. */
export const REASONS: Readonly<Record<"lockdown" | "evacuation" | "threat", readonly string[]>> = {
  lockdown: [
    "suspicious_item",
    "unattended_bag",
    "armed_person",
    "intruder",
    "crowd_pressure",
    "protest_nearby",
    "medical_emergency",
    "exercise",
    "other",
  ],
  evacuation: [
    "fire_alarm",
    "smoke",
    "bomb_threat",
    "suspicious_item",
    "gas_leak",
    "structural_damage",
    "severe_weather",
    "power_failure",
    "exercise",
    "other",
  ],
  threat: ["intelligence", "protest_nearby", "incident_nearby", "head_of_state", "threat_over", "exercise", "other"],
};

/** Nothing special to the highest. */
export const LEVELS = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** GET /v1/via/access/evacuations/{id}. `left`: gone through a gate, not seen at an assembly point. */
export interface Muster extends MusterNumbers {
  evacuation_id: string;
  zones: string[];
  reason: string;
  ordered_at: Gathering;
  /** Turned up, and were not believed inside. */
  unexpected: number;
  /** Turned up without a name. */
  nameless: number;
  /** Counted inside without a name, less the nameless; below zero: some of the missing may be among them. */
  unknown: number;
  by_zone: (MusterNumbers & { zone_id: string })[];
  by_delegation: (MusterNumbers & { delegation_id: string | null })[];
  /** For those who look for people. */
  people?: { person_id: string; zone_id: string; delegation_id: string | null; standing: string }[];
}

export interface MusterNumbers {
  expected: number;
  mustered: number;
  left: number;
  missing: number;
}

/** POST …/reconciliation: how the list and the assembly points compare, now on record. */
export interface Reconciled {
  expected: number;
  accounted: number;
  missing: number;
  unknown: number;
  unexpected: number;
}

export function command(order: Order): { path: string; body: Record<string, unknown> } {
  const { what, ...said } = order;
  switch (what) {
    case "lockdown":
      return { path: "/v1/via/access/lockdowns", body: said };
    case "lifting":
      return { path: "/v1/via/access/lockdowns/lifting", body: said };
    case "evacuation":
      return { path: "/v1/via/access/evacuations", body: said };
    case "threat":
      return { path: "/v1/via/access/threat-level", body: said };
    case "allClear":
      return { path: `/v1/via/access/evacuations/${order.evacuation_id}/all-clear`, body: {} };
  }
}

/** What an order concerns: zones with all inside them, and the gates into those. */
export interface Reach {
  zones: Zone[];
  gates: Gate[];
  /** People believed there, at most; null: not known. */
  people: number | null;
}

/** `zoneIds` null: the whole venue. Every zone comes behind the one it lies in, and deeper. */
export function reach(shown: Picture | null, zoneIds: readonly string[] | null): Reach {
  const inOrder = [...(shown?.zones ?? [])].sort((one, other) => one.order - other.order);
  const zones: Zone[] = [];
  let within = Number.POSITIVE_INFINITY; // the depth of the zone we are inside of
  for (const zone of inOrder) {
    if (zone.depth <= within) within = Number.POSITIVE_INFINITY;
    if (within === Number.POSITIVE_INFINITY && (!zoneIds || zoneIds.includes(zone.zone_id))) within = zone.depth;
    if (within !== Number.POSITIVE_INFINITY) zones.push(zone);
  }
  const ids = new Set(zones.map((zone) => zone.zone_id));
  const gates = (shown?.gates ?? []).filter((gate) => ids.has(gate.to_zone_id));
  return { zones, gates, people: zones.length ? peopleIn(zones) : null };
}

// Whoever is in a zone is counted in those around it too: the outermost of them say how many there are.
function peopleIn(zones: Zone[]): number {
  const outermost = Math.min(...zones.map((zone) => zone.depth));
  const most = (zone: Zone) => Math.max(0, zone.uncertain?.high ?? zone.count);
  const sum = zones.filter((zone) => zone.depth === outermost).reduce((people, zone) => people + most(zone), 0);
  return Math.max(sum, ...zones.map(most));
}

/** What somebody must do in the second step: tick, or type what the place is called. */
export type Proof = { by: "tick" } | { by: "name"; name: string };

/**
 * A place with people in it, or the whole of it, is typed; so is an all-clear while people are missing.
 * `wholeVenue`: what the reader calls it.
 */
export function proof(order: Order, there: Reach, wholeVenue: string): Proof {
  switch (order.what) {
    case "threat":
    case "lifting":
      return { by: "tick" };
    case "allClear":
      if (order.missing <= 0) return { by: "tick" };
      return { by: "name", name: order.zone_ids.length > 1 ? wholeVenue : typed(there.zones[0], wholeVenue) };
    default:
      if (order.zone_id === null) return { by: "name", name: wholeVenue };
      return there.people === 0 ? { by: "tick" } : { by: "name", name: typed(there.zones[0], order.zone_id) };
  }
}

const LONGEST = 40;

// Nobody types 300 characters, nor signs that turn the text around, while people wait: then the id does.
function typed(zone: Zone | undefined, otherwise: string): string {
  if (!zone) return otherwise;
  const name = named(zone.names, zone.zone_id);
  return name.length <= LONGEST && /^[\p{L}\p{N}\p{P}\p{Zs}]+$/u.test(name.normalize("NFC")) ? name : zone.zone_id;
}

export function isProven(wanted: Proof, given: { ticked: boolean; typed: string }): boolean {
  return wanted.by === "tick" ? given.ticked : plain(given.typed) === plain(wanted.name);
}

// As somebody types it in a hurry: without marks, in any case, with one space.
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase().replace(/\s+/g, " ").trim();
}

/** The same key for the same order, however often it is sent; another as soon as anything in it changes. */
export class Keys {
  private said = "";
  private key = "";

  of(order: Order): string {
    const said = JSON.stringify(command(order));
    if (said !== this.said) {
      this.said = said;
      this.key = crypto.randomUUID();
    }
    return this.key;
  }
}

/** Evacuations as they were ordered: one of the whole venue comes as an entry for each outermost zone. */
export function together(evacuations: readonly Evacuation[]): Map<string, Evacuation[]> {
  const found = new Map<string, Evacuation[]>();
  for (const one of evacuations) found.set(one.evacuation_id, [...(found.get(one.evacuation_id) ?? []), one]);
  return found;
}
