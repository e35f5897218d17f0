// How a badge stands, in a word.
import { say } from "@placet/kit/language.ts";
import { Chip, type ChipKind } from "@placet/kit/ui/chip.tsx";
import type { IconName } from "@placet/kit/ui/icon.tsx";
import type { BadgeStatus } from "../people.ts";

const LOOKS: Readonly<Record<BadgeStatus, { kind: ChipKind; icon?: IconName }>> = {
  awaiting: { kind: "plain" },
  active: { kind: "fine", icon: "fine" },
  suspended: { kind: "nearly", icon: "lockdown" },
  lost: { kind: "full", icon: "nearly" },
  revoked: { kind: "evacuation", icon: "close" },
};

export function BadgeChip({ status }: { status: BadgeStatus }) {
  return <Chip {...LOOKS[status]}>{say(`badge.${status}`)}</Chip>;
}
