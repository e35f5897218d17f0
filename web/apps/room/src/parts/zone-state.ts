// What must be said of a zone, the gravest first; and in what words and colours.
import type { ChipKind } from "@placet/kit/ui/chip.tsx";
import type { IconName } from "@placet/kit/ui/icon.tsx";
import type { Zone } from "../picture.ts";

export type Condition = "evacuation" | "evacuated" | "lockdown" | "locked" | "full" | "nearly";

export function conditions(zone: Zone): Condition[] {
  const found: Condition[] = [];
  if (zone.evacuation !== null) found.push("evacuation");
  else if (zone.evacuated) found.push("evacuated");
  if (zone.lockdown !== null) found.push("lockdown");
  else if (zone.locked) found.push("locked");
  if (zone.full) found.push("full");
  else if (zone.nearly_full) found.push("nearly");
  return found;
}

interface Look {
  word: string;
  icon: IconName;
  kind: Exclude<ChipKind, "plain" | "fine">;
}

/** Of a zone's own order and of one that reaches it from around: one sign, one colour. */
export const LOOKS: Readonly<Record<Condition, Look>> = {
  evacuation: { word: "zone.evacuation", icon: "evacuation", kind: "evacuation" },
  evacuated: { word: "zone.evacuation", icon: "evacuation", kind: "evacuation" },
  lockdown: { word: "zone.lockdown", icon: "lockdown", kind: "lockdown" },
  locked: { word: "zone.locked", icon: "lockdown", kind: "lockdown" },
  full: { word: "zone.full", icon: "full", kind: "full" },
  nearly: { word: "zone.nearly", icon: "nearly", kind: "nearly" },
};

/** The colour of the zone as a whole. */
export function look(zone: Zone): Look["kind"] | "normal" {
  const gravest = conditions(zone)[0];
  return gravest ? LOOKS[gravest].kind : "normal";
}
