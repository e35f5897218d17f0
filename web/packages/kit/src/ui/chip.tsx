// A state in a word, with its sign.
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon.tsx";

export type ChipKind = "plain" | "fine" | "nearly" | "full" | "lockdown" | "evacuation";

export function Chip({
  kind = "plain",
  icon,
  children,
}: {
  kind?: ChipKind;
  icon?: IconName;
  children: ComponentChildren;
}) {
  return (
    <span class={`chip ${kind}`}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}
