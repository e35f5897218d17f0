// The record of the whole house, as GET /v1/record tells it.
import type { Real, Service } from "./picture.ts";

export interface HouseRecord {
  services: ServiceRecord[];
  rebuilds: Rebuild[];
}

export interface ServiceRecord {
  service: Service["service"];
  state: Service["state"];
  degraded: string[];
  /** Null: it has not told. */
  log: { log_id: string; head: number } | null;
  consumers: Reading[];
  /** Null: not known. */
  dead_letters: DeadLetter[] | null;
}

export interface Reading {
  source: string;
  state: "current" | "behind" | "silent" | "stopped" | "elsewhere";
  number: number;
  /** Null: another process applies the events. */
  head: number | null;
  lag: number | null;
  complaint: string | null;
}

export interface DeadLetter {
  reader: string;
  source: string;
  number: number;
  about: string;
  type: string;
  error: string;
  parked_at: Real;
}

export interface Rebuild {
  service: Service["service"];
  view: string;
  made_at: Real | null;
  rebuilding_since: Real | null;
}

/** Parked events of one entity wait together: they are retried and given up together. */
export interface Parked {
  service: Service["service"];
  source: string;
  about: string;
  /** Readers that could not apply them. */
  readers: string[];
  /** Each event once, in order; the first is why the others wait. */
  letters: DeadLetter[];
}

export function parked({ services }: HouseRecord): Parked[] {
  const found = new Map<string, Parked>();
  for (const { service, dead_letters } of services) {
    for (const letter of dead_letters ?? []) {
      const { source, about, reader } = letter;
      const key = `${service} ${source} ${about}`;
      const one = found.get(key) ?? { service, source, about, readers: [], letters: [] };
      if (!one.readers.includes(reader)) one.readers.push(reader);
      if (!one.letters.some((known) => known.number === letter.number)) one.letters.push(letter);
      found.set(key, one);
    }
  }
  for (const one of found.values()) one.letters.sort((first, other) => first.number - other.number);
  return [...found.values()];
}

/** Where a service's dead letters are retried and given up: our own here, the others' by way of us. */
export function careOf(service: Service["service"], what: "retry" | "discard"): string {
  return service === "operations" ? `/v1/dead-letters/${what}` : `/v1/via/${service}/dead-letters/${what}`;
}
