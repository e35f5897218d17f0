// Reads out what is new for those who do not see it: one message in ten seconds at most.

import { byId, write } from "./elements.js";

const PAUSE_MS = 10_000;

export class Announcer {
  constructor() {
    this.waiting = [];
    this.saidAt = 0;
  }

  say(text) {
    this.waiting.push(text);
    const pause = this.saidAt + PAUSE_MS - Date.now();
    if (pause <= 0) this.speak();
    else this.timer ??= setTimeout(() => this.speak(), pause);
  }

  speak() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.saidAt = Date.now();
    write(byId("announcer"), [...new Set(this.waiting)].slice(-4).join(" "));
    this.waiting = [];
  }
}
