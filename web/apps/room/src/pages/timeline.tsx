// The day as a line: one moves along it, and every page shows that minute.
import { get } from "@placet/kit/api.ts";
import { isolated, say, time } from "@placet/kit/language.ts";
import { Card } from "@placet/kit/ui/card.tsx";
import { options } from "@placet/kit/ui/options.tsx";
import { useEffect, useRef, useState } from "preact/hooks";
import { useAnswer } from "../parts/answer.ts";
import { Marks } from "../parts/marks.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { useSeen } from "../parts/seen.ts";
import { Then } from "../parts/then.tsx";
import { TimeLine } from "../parts/time-line.tsx";
import type { Picture } from "../picture.ts";
import { livePicture, lookAt, lookedAt } from "../store.ts";
import { iso, type Minute, minuteOf, neighbour, type Span, span, type Timeline, within } from "../timeline.ts";
import "./timeline.css";

const EVERY_MS = 30_000;
const REST_MS = 200; // whoever drags the slider asks for nothing before it rests
const FRAME_MS = 1_000;
const CALM_FRAME_MS = 3_000; // for those who asked for little motion
const SPEEDS = [1, 5, 15, 60] as const; // minutes a frame

export default function Page() {
  const every = useSeen() ? EVERY_MS : undefined;
  const { value: shown, error } = useAnswer<Timeline>("/v1/timeline", every);
  return (
    <div class="timeline-page stack">
      <h1>{say("page.timeline")}</h1>
      <ProblemNote error={error} />
      {!shown && !error && <p>{say("loading")}</p>}
      {shown && <Day shown={shown} />}
    </div>
  );
}

function Day({ shown }: { shown: Timeline }) {
  const whole = span(shown, livePicture.value?.clock.now ?? null);
  const { chosen, choose, asking, error } = useMinute(whole);
  const minute = chosen ?? whole.last;
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<number>(SPEEDS[1]);
  usePlaying({ playing: playing && !asking && !error, minute, speed, whole, choose });
  useEffect(() => {
    if (chosen === null) setPlaying(false); // the day is caught up with
  }, [chosen]);
  const before = neighbour(shown.marks, minute, -1);
  const after = neighbour(shown.marks, minute, 1);
  return (
    <>
      <Card
        title={<Where chosen={chosen} minute={minute} />}
        aside={<span class="soft">{asking ? say("loading") : ""}</span>}
        class="when"
      >
        <TimeLine whole={whole} minute={minute} marks={shown.marks} choose={choose} />
        <div class="row buttons">
          <Step words="timeline.markBefore" to={before} choose={choose} />
          <Step words="timeline.quarterBack" to={within(whole, minute - 15)} from={minute} choose={choose} />
          <Step words="timeline.minuteBack" to={within(whole, minute - 1)} from={minute} choose={choose} />
          <button
            type="button"
            class="button first"
            aria-pressed={playing}
            disabled={!playing && chosen === null}
            onClick={() => setPlaying(!playing)}
          >
            {say(playing ? "timeline.pause" : "timeline.play")}
          </button>
          <Step words="timeline.minuteOn" to={within(whole, minute + 1)} from={minute} choose={choose} />
          <Step words="timeline.quarterOn" to={within(whole, minute + 15)} from={minute} choose={choose} />
          <Step words="timeline.markAfter" to={after} choose={choose} />
          <label class="row">
            {say("timeline.speed")}
            <select class="input small" value={speed} onChange={(event) => setSpeed(Number(event.currentTarget.value))}>
              {options(SPEEDS, (one) => say("timeline.minutes", { count: one }))}
            </select>
          </label>
          <button type="button" class="button" disabled={chosen === null} onClick={() => choose(whole.last)}>
            {say("shell.toNow")}
          </button>
        </div>
        <p class="soft keys">{say("timeline.keys")}</p>
        <ProblemNote error={error} />
      </Card>
      <div class="below">
        <Then />
        <Marks marks={shown.marks} minute={minute} choose={choose} />
      </div>
    </>
  );
}

function Where({ chosen, minute }: { chosen: Minute | null; minute: Minute }) {
  const at = time(iso(minute), {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  return (
    <>
      <b class="at">{isolated(at)}</b> {chosen === null && <span class="chip fine">{say("timeline.now")}</span>}
    </>
  );
}

interface StepProps {
  words: string;
  to: Minute | null;
  from?: Minute;
  choose: (minute: Minute) => void;
}

function Step({ words, to, from, choose }: StepProps) {
  return (
    <button
      type="button"
      class="button small"
      disabled={to === null || to === from}
      onClick={() => to !== null && choose(to)}
    >
      {say(words)}
    </button>
  );
}

interface Choice {
  /** Null: now, and it goes on. */
  chosen: Minute | null;
  choose: (minute: Minute) => void;
  /** Whether its picture has not come yet. */
  asking: boolean;
  error: unknown;
}

// The minute somebody chose, and its picture on every page; the earlier one is no longer asked for.
function useMinute(whole: Span): Choice {
  const [chosen, setChosen] = useState<Minute | null>(lookedAt.peek() ? minuteOf(lookedAt.peek() ?? "") : null);
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const shown = lookedAt.value;
  const before = useRef(shown);
  useEffect(() => {
    if (before.current && !shown) setChosen(null); // somebody went back to now elsewhere
    before.current = shown;
  }, [shown]);
  useEffect(() => {
    setError(null);
    if (chosen === null) return lookAt(null, null);
    if (lookedAt.peek() === iso(chosen)) return;
    const gone = new AbortController();
    setAsking(true);
    const timer = setTimeout(async () => {
      try {
        const picture = await get<Picture>(`/v1/snapshot?at=${encodeURIComponent(iso(chosen))}`, gone.signal);
        lookAt(iso(chosen), picture);
      } catch (problem) {
        if (gone.signal.aborted) return;
        setError(problem);
      }
      setAsking(false);
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      gone.abort();
      setAsking(false);
    };
  }, [chosen]);
  return { chosen, choose: (minute) => setChosen(minute >= whole.last ? null : minute), asking, error };
}

interface Playing {
  playing: boolean;
  minute: Minute;
  speed: number;
  whole: Span;
  choose: (minute: Minute) => void;
}

// The next frame comes a while after the one before was shown, however long that took.
function usePlaying({ playing, minute, speed, whole, choose }: Playing): void {
  useEffect(() => {
    if (!playing) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const timer = setTimeout(() => choose(within(whole, minute + speed)), calm ? CALM_FRAME_MS : FRAME_MS);
    return () => clearTimeout(timer);
  }, [playing, minute, speed]);
}
