// Scans per minute as stacked bars: refused at the bottom, where it can be compared, then admitted, then exited.

import { byId, drawn, mark, write } from "./elements.js";

const STACK = ["refused", "admitted", "exited"];
const WIDTH = 600;
const HEIGHT = 120;
const HAIR = 2; // what is little beside the rest must be seen all the same

// The smallest round number that nothing exceeds.
export function ceiling(most) {
  for (let unit = 1; ; unit *= 10) {
    const round = [5, 10, 15, 20, 30, 40].find((step) => most <= step * unit);
    if (round) return round * unit;
  }
}

export class Chart {
  constructor() {
    this.svg = byId("minutes");
    this.bars = [];
  }

  show(hour, words) {
    const minutes = hour.admitted.map((_, minute) => STACK.map((outcome) => hour[outcome][minute]));
    const sums = minutes.map((parts) => parts.reduce((sum, part) => sum + part, 0));
    const most = Math.max(...sums);
    const top = ceiling(most);
    if (!this.bars.length) this.make(minutes.length);
    minutes.forEach((parts, minute) => this.stack(this.bars[minute], parts, top));
    write(byId("minutes-top"), words.say("top", { count: top }));
    const totals = Object.fromEntries(STACK.map((outcome) => [outcome, hour[outcome].reduce((sum, part) => sum + part, 0)]));
    for (const outcome of STACK) write(byId(`hour-${outcome}`), words.number(totals[outcome]));
    mark(this.svg, "aria-label", words.say("perMinuteSays", { ...totals, top: most }));
  }

  make(minutes) {
    const step = WIDTH / minutes;
    for (let minute = 0; minute < minutes; minute += 1) {
      const place = { x: String(minute * step + step * 0.12), width: String(step * 0.76) };
      const bar = STACK.map((outcome) => drawn("rect", { class: outcome, ...place, y: String(HEIGHT), height: "0" }));
      this.svg.append(...bar);
      this.bars.push(bar);
    }
  }

  stack(bar, parts, top) {
    let below = 0;
    parts.forEach((part, place) => {
      const height = part && Math.max(HAIR, (part / top) * HEIGHT);
      below += height;
      mark(bar[place], "y", (HEIGHT - below).toFixed(2));
      mark(bar[place], "height", height.toFixed(2));
    });
  }
}
