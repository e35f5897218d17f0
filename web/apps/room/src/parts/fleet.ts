// What is wrong at a gate and with its scanners, so that a technician goes to the right one first.
import type { Device, Gate } from "../picture.ts";

const LOW = 0.2; // of a battery
const MANY_QUEUED = 10; // scans
const OFTEN_REFUSED = 0.25; // of scans
const ENOUGH = 20; // scans, before a share says anything

export type Trouble = "silent" | "clock" | "policy" | "revocations" | "battery" | "queue";

/** The gravest first; none of a device that was cut off: nobody expects anything of it. */
export function troubles(device: Device): Trouble[] {
  if (device.cut_off) return [];
  const found: Trouble[] = [];
  if (device.silent) found.push("silent");
  if (device.behind.includes("revocations")) found.push("revocations");
  if (device.behind.includes("policy")) found.push("policy");
  if (device.clock_suspected) found.push("clock");
  if (device.queue >= MANY_QUEUED) found.push("queue");
  if (device.battery !== null && device.battery <= LOW) found.push("battery");
  return found;
}

/** Of the last hour; null: nobody came. */
export function refusalShare(gate: Gate): number | null {
  const scans = gate.admitted_hour + gate.refused_hour;
  return scans ? gate.refused_hour / scans : null;
}

export function isRefusingMuch(gate: Gate): boolean {
  return gate.admitted_hour + gate.refused_hour >= ENOUGH && (refusalShare(gate) ?? 0) >= OFTEN_REFUSED;
}

/** The door of a room is quiet whenever nothing begins or ends there; an entrance from outside is not. */
export function isQuiet(gate: Gate): boolean {
  return gate.silent && gate.from_zone_id === null;
}

export function wantsAttention(gate: Gate, devices: readonly Device[]): boolean {
  return (
    gate.silent_devices > 0 ||
    gate.state === "out_of_service" ||
    isQuiet(gate) ||
    isRefusingMuch(gate) ||
    devices.some((device) => troubles(device).length > 0)
  );
}

export function byGate(devices: readonly Device[]): Map<string, Device[]> {
  const found = new Map<string, Device[]>();
  for (const device of devices) found.set(device.gate_id, [...(found.get(device.gate_id) ?? []), device]);
  return found;
}

export interface Fleet {
  devices: number;
  silent: number;
  behind: number;
  queued: number;
  low: number;
}

/** Of all scanners that may scan. */
export function fleet(devices: readonly Device[]): Fleet {
  const using = devices.filter((device) => !device.cut_off);
  const having = (...wanted: Trouble[]) =>
    using.filter((device) => troubles(device).some((one) => wanted.includes(one))).length;
  return {
    devices: using.length,
    silent: having("silent"),
    behind: having("policy", "revocations"),
    queued: using.reduce((sum, device) => sum + device.queue, 0),
    low: having("battery"),
  };
}

/** Whether a gate is what somebody looks for, by the beginning of any word of its name or by its id. */
export function isMeant(gate: Gate, wanted: string): boolean {
  const words = plain(wanted).split(/\s+/).filter(Boolean);
  const own = plain(`${gate.name} ${gate.gate_id}`).split(/[\s\-/]+/);
  return words.every((word) => own.some((one) => one.startsWith(word)) || plain(gate.gate_id).startsWith(word));
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("đ", "d");
}
