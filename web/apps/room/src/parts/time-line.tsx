// The slider over the day: how many people there were, what stood out, the hours.
import { say, time } from "@placet/kit/language.ts";
import { useMemo } from "preact/hooks";
import { picture } from "../store.ts";
import { along, hours, iso, type Mark, type Minute, minuteOf, type Span, stepped } from "../timeline.ts";
import { useAnswer } from "./answer.ts";

interface TimeLineProps {
  whole: Span;
  minute: Minute;
  marks: readonly Mark[];
  choose: (minute: Minute) => void;
}

const LONGEST = 3 * 24 * 60; // minutes of history that are told at once

export function TimeLine({ whole, minute, marks, choose }: TimeLineProps) {
  const said = time(iso(minute), { weekday: "short", hour: "2-digit", minute: "2-digit" });
  return (
    <div class="time-line">
      <Crowd whole={whole} />
      <div class="lane" aria-hidden="true">
        {marks.map((mark) => (
          <span
            key={`${mark.at} ${mark.kind} ${mark.ref}`}
            class={`mark ${mark.kind}`}
            style={{ insetInlineStart: `${100 * along(whole, minuteOf(mark.at))}%` }}
          />
        ))}
      </div>
      <input
        class="slider"
        type="range"
        aria-label={say("timeline.slider")}
        aria-valuetext={minute === whole.last ? `${said}, ${say("timeline.now")}` : said}
        min={whole.first}
        max={Math.max(whole.last, whole.first + 1)}
        value={whole.last === whole.first ? whole.first + 1 : minute}
        disabled={whole.last === whole.first}
        onInput={(event) => choose(Number(event.currentTarget.value))}
        onKeyDown={(event) => {
          const to = event.ctrlKey || event.altKey || event.metaKey ? null : stepped(whole, minute, event.key);
          if (to === null) return;
          event.preventDefault();
          choose(to);
        }}
      />
      <div class="hours lane" aria-hidden="true">
        {hours(whole).map((hour) => (
          <span key={hour} style={{ insetInlineStart: `${100 * along(whole, hour)}%` }}>
            {time(iso(hour))}
          </span>
        ))}
      </div>
    </div>
  );
}

interface History {
  capacity: number | null;
  minutes: string[];
  counts: number[];
}

// The shape of the day behind the line: people in the outermost zone.
function Crowd({ whole }: { whole: Span }) {
  const zone = picture.value?.zones.find((one) => one.depth === 0);
  const since = Math.max(whole.first, whole.last - LONGEST);
  // Asked anew every quarter of an hour; in between the line is as good as it was.
  const until = Math.floor(whole.last / 15) * 15;
  const path =
    zone && until > since
      ? `/v1/zones/${zone.zone_id}/history?since=${encodeURIComponent(iso(since))}&until=${encodeURIComponent(iso(until))}`
      : null;
  const { value } = useAnswer<History>(path);
  const drawn = useMemo(() => (value ? outline(value, whole) : ""), [value, whole.first, whole.last]);
  return (
    <svg class="crowd" viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <path d={drawn} />
    </svg>
  );
}

function outline({ minutes, counts }: History, whole: Span): string {
  const top = Math.max(1, ...counts);
  const points = minutes.map((at, index) => {
    const x = 1000 * along(whole, minuteOf(at));
    return `L${x.toFixed(1)} ${(100 - (96 * Math.max(0, counts[index] ?? 0)) / top).toFixed(1)}`;
  });
  const start = minutes[0];
  const end = minutes.at(-1);
  if (!start || !end) return "";
  const x = (at: string) => (1000 * along(whole, minuteOf(at))).toFixed(1);
  return `M${x(start)} 100 ${points.join("")} L${x(end)} 100Z`;
}
