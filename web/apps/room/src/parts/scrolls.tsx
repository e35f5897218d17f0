// What is wider or longer than its place scrolls in itself, by keyboard too; the page never does sideways.
import { say } from "@placet/kit/language.ts";
import type { ComponentChildren } from "preact";

export function Scrolls({
  label,
  class: kind = "",
  children,
}: {
  label: string;
  class?: string;
  children: ComponentChildren;
}) {
  return (
    // The card around it has a name of its own: regions are told apart.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no pointer scrolls it with the arrow keys
    <section class={`scrolls ${kind}`} aria-label={say("scrolls.table", { name: label })} tabIndex={0}>
      {children}
    </section>
  );
}
