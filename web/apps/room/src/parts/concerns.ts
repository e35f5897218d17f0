// What somebody should look at now, a sentence each, the gravest first. The same sentences are read out when they come.
import { isolated, named, say } from "@placet/kit/language.ts";
import type { IconName } from "@placet/kit/ui/icon.tsx";
import type { Gate, Picture, Zone } from "../picture.ts";
import { reasonWord } from "./order-words.ts";
import { type Condition, conditions } from "./zone-state.ts";

export interface Concern {
  /** What it is and where, in any language and whatever the numbers: a concern with another key is news. */
  key: string;
  kind: IconName;
  tone: "evacuation" | "lockdown" | "full" | "nearly" | "plain";
  text: string;
  href?: string;
}

export function concerns(picture: Picture): Concern[] {
  return [
    ...inZones(picture, "evacuation", (zone) => about(zone, "zoneEvacuation", { reason: spoken(zone.evacuation) })),
    ...inZones(picture, "lockdown", (zone) => about(zone, "zoneLockdown", { reason: spoken(zone.lockdown) })),
    ...ofThreats(picture),
    ...ofServices(picture),
    ...ofSources(picture),
    ...inZones(picture, "full", (zone) => about(zone, "zoneFull")),
    ...inZones(picture, "nearly", (zone) =>
      about(zone, zone.capacity === null ? "zoneNearlyFullCount" : "zoneNearlyFull"),
    ),
    ...ofNotices(picture),
    ...ofDevices(picture),
    ...ofGates(picture),
  ];
}

const TONES = { evacuation: "evacuation", lockdown: "lockdown", full: "full", nearly: "nearly" } as const;

function inZones(picture: Picture, condition: keyof typeof TONES & Condition, told: (zone: Zone) => string): Concern[] {
  return picture.zones
    .filter((zone) => conditions(zone).includes(condition))
    .map((zone) => ({
      key: `${condition} ${zone.zone_id}`,
      kind: condition,
      tone: TONES[condition],
      text: told(zone),
      href: `/zones/${zone.zone_id}`,
    }));
}

function about(zone: Zone, word: string, more: Record<string, string> = {}): string {
  const { count, capacity } = zone;
  const name = isolated(named(zone.names, zone.zone_id));
  return say(`overview.${word}`, { zone: name, count, ...(capacity === null ? {} : { capacity }), ...more });
}

function spoken(reason: string | null): string {
  return isolated(reasonWord(reason ?? ""));
}

function ofThreats({ venues }: Picture): Concern[] {
  return venues
    .filter((venue) => venue.threat_level > 0)
    .map(({ venue_id: venue, threat_level: level, threat_reason: reason }) => ({
      key: `threat ${venue} ${level}`,
      kind: "threat",
      tone: "lockdown",
      text: say("overview.threatLevel", { venue, level, reason: spoken(reason) }),
      href: "/orders",
    }));
}

function ofServices({ services }: Picture): Concern[] {
  return (services ?? [])
    .filter((one) => one.state === "down")
    .map(({ service }) => ({
      key: `down ${service}`,
      kind: "source",
      tone: "full",
      text: say("overview.serviceDown", { service: say(`service.${service}`) }),
      href: "/record",
    }));
}

function ofSources({ sources }: Picture): Concern[] {
  const words: Record<string, string> = { silent: "sourceSilent", stopped: "sourceStopped", behind: "sourceBehind" };
  return sources.flatMap((one) => {
    const name = say(`service.${one.source}`);
    const values = { source: name, number: one.number, lag: one.lag ?? 0, complaint: one.complaint ?? "" };
    const word = words[one.state];
    const told = [...(word ? [word] : []), ...(one.complaint === "dead_letters" ? ["sourceParked"] : [])];
    return told.map(
      (key): Concern => ({
        key: `${key} ${one.source}`,
        kind: "source",
        tone: "full",
        text: say(`overview.${key}`, values),
        href: "/record",
      }),
    );
  });
}

function ofNotices({ notices }: Picture): Concern[] {
  if (!notices.failed) return [];
  return [
    { key: "notices", kind: "notice", tone: "nearly", text: say("overview.noticesFailed", { count: notices.failed }) },
  ];
}

function ofDevices({ devices }: Picture): Concern[] {
  const silent = (devices ?? []).filter((device) => device.silent && !device.cut_off);
  if (!silent.length) return [];
  const text = say("overview.devicesSilent", { count: silent.length });
  return [{ key: `devices ${silent.length}`, kind: "device", tone: "nearly", text, href: "/gates" }];
}

function ofGates(picture: Picture): Concern[] {
  // The door of a room is quiet whenever nothing begins or ends there; an entrance from outside is not.
  const quiet = picture.gates.filter((gate) => gate.silent && gate.from_zone_id === null && gate.last_scan_at);
  const [first] = [...quiet].sort((one, other) => (one.last_scan_at ?? "").localeCompare(other.last_scan_at ?? ""));
  if (!first) return [];
  const values = { gate: isolated(first.name), count: quiet.length, minutes: minutesQuiet(first, picture) };
  const text = say(quiet.length === 1 ? "overview.gateQuiet" : "overview.gatesQuiet", values);
  return [{ key: `quiet ${first.gate_id}`, kind: "quiet", tone: "plain", text, href: "/gates" }];
}

export function minutesQuiet(gate: Gate, picture: Picture): number {
  if (!gate.last_scan_at) return 0;
  return Math.floor((Date.parse(picture.clock.now) - Date.parse(gate.last_scan_at)) / 60_000);
}
