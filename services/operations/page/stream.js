// The live stream: a snapshot, then changes; and what can be said of the connection at any time.

const STALE_AFTER_MS = 3_000; // a message comes every second while all is well
const DEAD_AFTER_MS = 15_000; // then the connection is made anew, whatever the browser believes of it
const AGAIN_MS = 2_000;
const KEYED = { zones: "zone_id", gates: "gate_id" };

// The picture after a delta: of zones and gates it holds the entries that changed, of everything else whole parts.
export function changed(picture, delta) {
  const after = { ...picture, ...delta };
  for (const [part, id] of Object.entries(KEYED)) {
    if (!delta[part] || !picture[part]) continue;
    const entries = new Map(picture[part].map((entry) => [entry[id], entry]));
    for (const entry of delta[part]) entries.set(entry[id], entry);
    after[part] = [...entries.values()].sort((one, other) => one.order - other.order);
  }
  return after;
}

export class Stream {
  // `show` hears each picture, `tell` the state of the connection each second: {state, since, why}.
  constructor(show, tell) {
    this.show = show;
    this.tell = tell;
    this.picture = null;
    this.heardAt = null;
    this.openedAt = Date.now();
    this.why = null;
  }

  open() {
    this.openedAt = Date.now();
    this.events = new EventSource("/v1/live");
    this.events.addEventListener("snapshot", (message) => this.take(JSON.parse(message.data)));
    this.events.addEventListener("delta", (message) => this.take(changed(this.picture ?? {}, JSON.parse(message.data))));
    this.events.addEventListener("error", () => this.failed());
  }

  take(picture) {
    this.picture = picture;
    this.heardAt = Date.now();
    this.why = null;
    this.show(picture);
    this.look();
  }

  // The browser comes back by itself where the line broke, and gives up where it got another answer: then we ask why.
  async failed() {
    this.why = "unreachable";
    if (this.events.readyState !== EventSource.CLOSED) return;
    const events = this.events;
    this.why = await refusal();
    setTimeout(() => this.events === events && this.open(), AGAIN_MS);
  }

  look() {
    const now = Date.now();
    const silentSince = Math.max(this.heardAt ?? 0, this.openedAt);
    if (now - silentSince > DEAD_AFTER_MS && this.events.readyState !== EventSource.CLOSED) {
      this.events.close();
      this.open();
    }
    if (this.heardAt === null) return this.tell({ state: "connecting", since: null, why: this.why });
    const isLive = now - this.heardAt < STALE_AFTER_MS;
    const why = isLive ? null : (this.why ?? "unavailable");
    return this.tell({ state: isLive ? "live" : "stale", since: new Date(this.heardAt), why });
  }
}

async function refusal() {
  try {
    const answer = await fetch("/v1/snapshot", { cache: "no-store" });
    return { 401: "unknown", 403: "forbidden" }[answer.status] ?? "unavailable";
  } catch {
    return "unreachable";
  }
}
