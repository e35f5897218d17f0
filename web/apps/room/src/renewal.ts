// A page that is open while the service is renewed loads itself anew: a wall screen stands for weeks.
import { computed, effect } from "@preact/signals";
import { livePicture } from "./store.ts";

const AGAIN_MS = 2_000;

export function startRenewal(): void {
  const pages = computed(() => livePicture.value?.pages ?? null);
  let loaded: string | null = null;
  effect(() => {
    loaded ??= pages.value;
    if (pages.value !== null && pages.value !== loaded) renew();
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
