// A page that is open while the service is renewed loads itself anew: a wall screen stands for weeks.
import { effect } from "@preact/signals";
import { livePicture } from "./store.ts";

const AGAIN_MS = 2_000;

export function startRenewal(): void {
  let loaded: string | null = null;
  let isOld = false;
  effect(() => {
    const pages = livePicture.value?.pages;
    if (!pages || isOld) return;
    loaded ??= pages;
    isOld = pages !== loaded;
    if (isOld) renew();
  });
}

// Not while somebody writes: it would be gone.
function renew(): void {
  if (isWriting()) setTimeout(renew, AGAIN_MS);
  else location.reload();
}

function isWriting(): boolean {
  const texts = [...document.querySelectorAll("textarea")];
  return document.querySelector("dialog[open]") !== null || texts.some(({ value }) => value !== "");
}
