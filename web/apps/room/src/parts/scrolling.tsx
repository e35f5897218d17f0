// What is wider than a narrow screen scrolls in itself; the page never does.
import type { ComponentChildren } from "preact";

export function Scrolling({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="scrolls" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
