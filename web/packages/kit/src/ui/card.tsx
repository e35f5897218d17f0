// A region of a page with a name of its own.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface CardProps {
  title: ComponentChildren;
  /** Beside the title: how old it is, a legend, a link. */
  aside?: ComponentChildren;
  class?: string;
  children: ComponentChildren;
}

export function Card({ title, aside, class: kind = "", children }: CardProps) {
  const id = useId();
  return (
    <section class={`card ${kind}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
