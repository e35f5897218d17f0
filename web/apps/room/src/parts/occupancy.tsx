// How many people were in a zone over the hours: as a line against its capacity, or as a table that says the same.
import { number, say, time, timeZone } from "@placet/kit/language.ts";
import { theme } from "@placet/kit/theme.ts";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { type Occupancy, peak, sampled } from "../zones.ts";
import { Scrolls } from "./scrolls.tsx";

const HEIGHT_REM = 16;

export function OccupancyChart({ shown, label }: { shown: Occupancy; label: string }) {
  const ground = useRef<HTMLDivElement>(null);
  const dressed = theme.value;
  const zone = timeZone.value;
  useEffect(() => {
    const node = ground.current;
    if (!node) return;
    let chart: uPlot | null = null;
    let gone = false;
    const night = matchMedia("(prefers-color-scheme: dark)");
    const resized = new ResizeObserver(() => chart?.setSize(size(node)));
    const draw = async () => {
      const { default: Plot } = await import("uplot");
      if (gone) return;
      chart?.destroy();
      chart = new Plot(options(Plot, node, zone), data(shown), node);
    };
    const redraw = () => void draw();
    redraw();
    resized.observe(node);
    night.addEventListener("change", redraw);
    return () => {
      gone = true;
      resized.disconnect();
      night.removeEventListener("change", redraw);
      chart?.destroy();
    };
  }, [shown, dressed, zone]);
  const highest = peak(shown);
  const told = highest && say("zone.peak", { count: highest.count, time: time(highest.at) });
  return <div class="occupancy" ref={ground} role="img" aria-label={[label, told].filter(Boolean).join(": ")} />;
}

function data({ minutes, counts, capacity }: Occupancy): uPlot.AlignedData {
  const at = minutes.map((minute) => Date.parse(minute) / 1000);
  return capacity === null ? [at, counts] : [at, counts, at.map(() => capacity)];
}

function options(Plot: typeof uPlot, node: HTMLElement, zone: string): uPlot.Options {
  const soft = colour(node, "--soft");
  const line = colour(node, "--line");
  const normal = colour(node, "--normal");
  const full = colour(node, "--full");
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = `${0.8 * rem}px ${getComputedStyle(node).fontFamily}`;
  const axis = { stroke: soft, font, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  return {
    ...size(node),
    tzDate: (at) => Plot.tzDate(new Date(at * 1000), zone),
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, most) => [0, Math.max(5, Math.ceil(most * 1.08))] } },
    axes: [
      { ...axis, space: 4.5 * rem, values: (_, splits) => splits.map((at) => time(new Date(at * 1000))) },
      { ...axis, size: 3.6 * rem, values: (_, splits) => splits.map((people) => number(people)) },
    ],
    series: [
      {},
      { stroke: normal, width: 2, fill: `color-mix(in srgb, ${normal} 18%, transparent)`, points: { show: false } },
      { stroke: full, width: 2, dash: [8, 6], points: { show: false } },
    ],
  };
}

function size(node: HTMLElement): { width: number; height: number } {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return { width: node.clientWidth, height: HEIGHT_REM * rem };
}

// A canvas knows nothing of light-dark(): the browser is asked what the colour is here and now.
function colour(node: HTMLElement, token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  node.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

export function OccupancyTable({ shown, label }: { shown: Occupancy; label: string }) {
  const highest = peak(shown);
  return (
    <>
      {highest && <p>{say("zone.peak", { count: highest.count, time: time(highest.at) })}</p>}
      <Scrolls label={label} class="occupancy-table">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{say("zone.time")}</th>
              <th scope="col" class="number">
                {say("zones.people")}
              </th>
            </tr>
          </thead>
          <tbody>
            {sampled(shown).map(({ at, count }) => (
              <tr key={at}>
                <th scope="row">
                  <time dateTime={at}>{time(at, { weekday: "short", hour: "2-digit", minute: "2-digit" })}</time>
                </th>
                <td class="number">{number(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
    </>
  );
}
