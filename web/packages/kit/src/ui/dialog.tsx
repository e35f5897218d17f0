// A modal dialog of the platform: it keeps the focus, closes with Escape, and gives the focus back.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const shown = dialog.current;
    const asked = document.activeElement;
    shown?.showModal();
    return () => {
      shown?.close();
      if (asked instanceof HTMLElement) asked.focus();
    };
  }, []);
  return (
    <dialog class="dialog stack" ref={dialog} aria-labelledby={id} onCancel={close}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
