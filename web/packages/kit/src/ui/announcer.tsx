// What a screen reader is told of what moves: one sentence at a time, not more often than it can be heard.
import { signal } from "@preact/signals";

const REST_MS = 4_000;
const said = signal("");
let waiting: string[] = [];
let resting = false;

/** Says a sentence to those who cannot see the page. What waits is said together; the same is not said twice. */
export function announce(sentence: string): void {
  if (!waiting.includes(sentence)) waiting.push(sentence);
  if (!resting) speakNow();
}

function speakNow(): void {
  said.value = waiting.slice(0, 3).join(" ");
  waiting = [];
  resting = true;
  setTimeout(() => {
    resting = false;
    if (waiting.length) speakNow();
  }, REST_MS);
}

export function Announcer() {
  return (
    <p class="unseen" id="announcer" role="status" aria-live="polite">
      {said}
    </p>
  );
}
