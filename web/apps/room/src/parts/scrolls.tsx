// What is wider or longer than its place scrolls in itself, by keyboard too; the page never does sideways.
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
    // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no pointer scrolls it with the arrow keys
    <section class={`scrolls ${kind}`} aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
