// The live stream: a snapshot, then changes; one connection a browser, however many tabs show it.
//
// Whichever tab holds the lock has the connection and tells the others over a channel; when it closes, the lock and with
// it the work goes to another. A tab that holds a lock is not put to sleep by the browser.
import { type ReadonlySignal, signal } from "@preact/signals";

const STALE_AFTER_MS = 3_000; // a message comes every second while all is well
const DEAD_AFTER_MS = 15_000; // then the connection is made anew, whatever the browser believes of it
const AGAIN_MS = 2_000;
const LOOK_MS = 500;

export type LinkState = "connecting" | "live" | "stale";
/** Why nothing comes: `unreachable`, `unavailable`, `unknown` (sign-in is needed), `forbidden`. */
export type Trouble = "unreachable" | "unavailable" | "unknown" | "forbidden";

export interface Link {
  state: LinkState;
  /** When the last message came; null before the first. */
  heardAt: Date | null;
  why: Trouble | null;
}

type Picture = Record<string, unknown>;
type Entry = Record<string, unknown>;

type Told = { kind: "picture"; picture: Picture } | { kind: "trouble"; why: Trouble } | { kind: "hello" };

/** `keyed`: the parts that are lists, and the field that names an entry of each. */
export interface Source {
  url: string;
  keyed: Readonly<Record<string, string>>;
  /** Tabs that show the same share a connection: who signs in shares no more with those who did not. */
  shared: string;
}

/** The picture after a delta: of keyed parts it holds what changed of which entry, and all of other parts. */
export function changed(picture: Picture, delta: Picture, keyed: Source["keyed"]): Picture {
  const after = { ...picture, ...delta };
  for (const [part, id] of Object.entries(keyed)) {
    const before = picture[part] as Entry[] | undefined;
    const news = delta[part] as Entry[] | undefined;
    if (!before || !news) continue;
    const entries = new Map(before.map((entry) => [entry[id], entry]));
    for (const entry of news) entries.set(entry[id], { ...entries.get(entry[id]), ...entry });
    after[part] = [...entries.values()].sort((one, other) => Number(one.order ?? 0) - Number(other.order ?? 0));
  }
  return after;
}

export class Live<P extends object> {
  readonly picture: ReadonlySignal<P | null>;
  readonly link: ReadonlySignal<Link>;
  /** Whether this tab has the connection. */
  readonly connected = signal(false);

  private readonly shown = signal<P | null>(null);
  private readonly state = signal<Link>({ state: "connecting", heardAt: null, why: null });
  private readonly channel: BroadcastChannel;
  private readonly gone = new AbortController();
  private readonly beat: ReturnType<typeof setInterval>;
  private events: EventSource | null = null;
  private askedAt = Date.now();

  constructor(private readonly source: Source) {
    this.picture = this.shown;
    this.link = this.state;
    this.channel = new BroadcastChannel(`placet-live ${source.shared}`);
    this.channel.onmessage = (message: MessageEvent<Told>) => this.hear(message.data);
    this.beat = setInterval(() => this.look(), LOOK_MS);
    this.tell({ kind: "hello" }); // whoever has a picture shows it at once
    void this.lead();
  }

  close(): void {
    this.gone.abort();
    clearInterval(this.beat);
    this.events?.close();
    this.events = null;
    this.channel.close();
  }

  private async lead(): Promise<void> {
    try {
      await navigator.locks.request(`placet-live ${this.source.shared}`, { signal: this.gone.signal }, () => {
        this.connected.value = true;
        this.open();
        return new Promise<void>((resolve) => this.gone.signal.addEventListener("abort", () => resolve()));
      });
    } catch {
      // Given up while it waited: the tab is closing, or somebody signed in or out.
    }
  }

  private open(): void {
    this.events?.close();
    if (this.gone.signal.aborted) return;
    this.askedAt = Date.now();
    const events = new EventSource(this.source.url);
    this.events = events;
    events.addEventListener("snapshot", (message) => this.take(JSON.parse(message.data)));
    events.addEventListener("delta", (message) => {
      const before = this.shown.peek() as Picture | null;
      if (before) this.take(changed(before, JSON.parse(message.data), this.source.keyed));
    });
    events.addEventListener("error", () => void this.failed(events));
  }

  private take(picture: Picture): void {
    this.show(picture);
    this.tell({ kind: "picture", picture });
  }

  private show(picture: Picture): void {
    this.shown.value = picture as P;
    this.state.value = { state: "live", heardAt: new Date(), why: null };
  }

  private hear(told: Told): void {
    if (told.kind === "picture") this.show(told.picture);
    else if (told.kind === "trouble") this.trouble(told.why);
    else if (this.connected.peek() && this.shown.peek())
      this.tell({ kind: "picture", picture: this.shown.peek() as Picture });
  }

  private tell(told: Told): void {
    if (!this.gone.signal.aborted) this.channel.postMessage(told);
  }

  private trouble(why: Trouble): void {
    this.state.value = { ...this.state.peek(), why };
  }

  // The browser comes back by itself where the line broke, and gives up where it got another answer: then we ask why.
  private async failed(events: EventSource): Promise<void> {
    const gaveUp = events.readyState === EventSource.CLOSED;
    const why = gaveUp ? await refusal(this.source.url) : "unreachable";
    if (this.events !== events) return;
    this.trouble(why);
    this.tell({ kind: "trouble", why });
    if (gaveUp) setTimeout(() => this.events === events && this.open(), AGAIN_MS);
  }

  private look(): void {
    const now = Date.now();
    const { state, heardAt } = this.state.peek();
    if (heardAt && state === "live" && now - heardAt.getTime() > STALE_AFTER_MS) {
      this.state.value = { ...this.state.peek(), state: "stale" };
    }
    const silentSince = Math.max(heardAt?.getTime() ?? 0, this.askedAt);
    if (this.events && now - silentSince > DEAD_AFTER_MS && this.events.readyState !== EventSource.CLOSED) this.open();
  }
}

async function refusal(url: string): Promise<Trouble> {
  const asked = new AbortController();
  try {
    const answer = await fetch(url, { cache: "no-store", signal: asked.signal });
    if (answer.status === 401) return "unknown";
    return answer.status === 403 ? "forbidden" : "unavailable";
  } catch {
    return "unreachable";
  } finally {
    asked.abort();
  }
}
