// What all pages look at: the picture, live or of a past minute, and how old it is.

import { session } from "@placet/kit/api.ts";
import { timeZone } from "@placet/kit/language.ts";
import { Live } from "@placet/kit/live.ts";
import { computed, effect, signal, untracked } from "@preact/signals";
import type { Gate, Picture, Zone } from "./picture.ts";

/** Parts that come entry by entry, and the field that names an entry. */
const KEYED = {
  zones: "zone_id",
  gates: "gate_id",
  devices: "device_id",
  sessions: "session_id",
  funnel: "delegation_id",
  incidents: "incident_id",
  services: "service",
} as const;

const live = signal<Live<Picture> | null>(null);

/** The minute that is looked at, ISO 8601; null: now. */
export const lookedAt = signal<string | null>(null);
const past = signal<Picture | null>(null);

export const livePicture = computed(() => live.value?.picture.value ?? null);
export const picture = computed(() => (lookedAt.value ? past.value : livePicture.value));
export const link = computed(
  () => live.value?.link.value ?? { state: "connecting" as const, heardAt: null, why: null },
);
/** Whether the numbers shown may be old: the line is broken. The past is never stale. */
export const isStale = computed(() => !lookedAt.value && link.value.state === "stale");

/** Shows a past minute on every page; null goes back to now. */
export function lookAt(minute: string | null, shown: Picture | null): void {
  past.value = shown;
  lookedAt.value = minute;
}

// Who signs in or out sees more or less: another connection, and another one for tabs to share.
const whoWatches = computed(() => `${session.value?.actor ?? ""} ${session.value?.roles.join() ?? ""}`);

/** Watches the live picture as whoever is signed in, whoever that is from now on. */
export function watch(): void {
  effect(() => {
    const shared = whoWatches.value;
    untracked(() => {
      live.value?.close();
      live.value = new Live<Picture>({ url: "/v1/live", keyed: KEYED, shared });
    });
  });
}

effect(() => {
  const zone = livePicture.value?.clock.time_zone;
  if (zone) timeZone.value = zone;
});

const zonesById = computed(() => new Map(picture.value?.zones.map((zone) => [zone.zone_id, zone])));
const gatesById = computed(() => new Map(picture.value?.gates.map((gate) => [gate.gate_id, gate])));

export function zone(id: string | null | undefined): Zone | undefined {
  return id ? zonesById.value.get(id) : undefined;
}

export function gate(id: string | null | undefined): Gate | undefined {
  return id ? gatesById.value.get(id) : undefined;
}

/** The clock of the gathering. Real time goes on by itself; a simulated one stands where the last message left it. */
export const now = signal(new Date());
let heard = { at: new Date(), real: performance.now() };

function tick(): void {
  const elapsed = livePicture.peek()?.clock.simulated ? 0 : performance.now() - heard.real;
  const shown = lookedAt.peek();
  now.value = shown ? new Date(shown) : new Date(heard.at.getTime() + elapsed);
}

effect(() => {
  const at = livePicture.value?.clock.now;
  if (at) heard = { at: new Date(at), real: performance.now() };
  if (lookedAt.value || at) tick();
});

export function startClock(): void {
  setInterval(tick, 1_000);
}
