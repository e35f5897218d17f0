// Scans per minute as stacked bars: refused at the bottom, where it can be compared, then admitted, then exited.
import { number, say } from "@placet/kit/language.ts";
import { useMemo } from "preact/hooks";
import type { Scans } from "../picture.ts";

const STACK = ["refused", "admitted", "exited"] as const;
const HEIGHT = 120;
const HAIR = 2; // what is little beside the rest must be seen all the same
const ROUND = [5, 10, 15, 20, 30, 40];

/** The smallest round number that nothing exceeds. */
export function ceiling(most: number): number {
  for (let unit = 1; ; unit *= 10) {
    const round = ROUND.find((step) => most <= step * unit);
    if (round) return round * unit;
  }
}

type Hour = Scans["last_hour"];

export function Minutes({ hour }: { hour: Hour }) {
  const { paths, top, most, totals } = useMemo(() => drawn(hour), [hour]);
  return (
    <figure class="minutes">
      <p class="top soft">{say("overview.top", { count: top })}</p>
      <svg
        viewBox={`0 0 ${hour.admitted.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={say("overview.perMinuteSays", { ...totals, top: most })}
      >
        {STACK.map((outcome) => (
          <path key={outcome} class={outcome} d={paths[outcome]} />
        ))}
      </svg>
      <p class="span soft">
        <span>{say("overview.hourAgo")}</span>
        <span>{say("overview.now")}</span>
      </p>
      <ul class="legend">
        {STACK.map((outcome) => (
          <li key={outcome} data-outcome={outcome}>
            <span class={`swatch ${outcome}`} aria-hidden="true" /> {say(`overview.${outcome}`)}{" "}
            <b>{number(totals[outcome])}</b>
          </li>
        ))}
      </ul>
    </figure>
  );
}

function drawn(hour: Hour) {
  const sums = hour.admitted.map((_, minute) => STACK.reduce((sum, outcome) => sum + (hour[outcome][minute] ?? 0), 0));
  const most = Math.max(0, ...sums);
  const top = ceiling(most);
  const below = sums.map(() => 0);
  const paths = { refused: "", admitted: "", exited: "" };
  for (const outcome of STACK) {
    paths[outcome] = hour[outcome].map((scans, minute) => bar(scans, minute, top, below)).join("");
  }
  const total = (outcome: (typeof STACK)[number]) => hour[outcome].reduce((sum, scans) => sum + scans, 0);
  return {
    paths,
    top,
    most,
    totals: { refused: total("refused"), admitted: total("admitted"), exited: total("exited") },
  };
}

function bar(scans: number, minute: number, top: number, below: number[]): string {
  if (!scans) return "";
  const height = Math.max(HAIR, (scans / top) * HEIGHT);
  const from = HEIGHT - (below[minute] ?? 0);
  below[minute] = (below[minute] ?? 0) + height;
  return `M${minute + 0.12} ${from.toFixed(2)}h.76v${(-height).toFixed(2)}h-.76z`;
}
