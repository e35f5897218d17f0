// What stood out in the day, the latest first; each leads to its minute.
import { isolated, knows, named, say, time } from "@placet/kit/language.ts";
import { Card } from "@placet/kit/ui/card.tsx";
import { Icon, type IconName } from "@placet/kit/ui/icon.tsx";
import { useState } from "preact/hooks";
import { livePicture, picture } from "../store.ts";
import { type Mark, type MarkKind, type Minute, minuteOf } from "../timeline.ts";
import { reasonWord, zoneName } from "./order-words.ts";

const ICONS: Readonly<Record<MarkKind, IconName>> = {
  evacuation: "evacuation",
  all_clear: "fine",
  lockdown: "lockdown",
  lockdown_lifted: "fine",
  threat: "threat",
  incident: "incident",
  incident_closed: "fine",
  zone_full: "full",
  zone_has_room: "fine",
  session: "notice",
};

const GROUPS = {
  orders: ["evacuation", "all_clear", "lockdown", "lockdown_lifted", "threat"],
  incidents: ["incident", "incident_closed"],
  zones: ["zone_full", "zone_has_room"],
  sessions: ["session"],
} as const satisfies Record<string, readonly MarkKind[]>;
type Group = keyof typeof GROUPS;

interface MarksProps {
  marks: readonly Mark[];
  minute: Minute;
  choose: (minute: Minute) => void;
}

export function Marks({ marks, minute, choose }: MarksProps) {
  const [hidden, setHidden] = useState<readonly Group[]>([]);
  const groups = (Object.keys(GROUPS) as Group[]).filter((one) => marks.some((mark) => isOf(one, mark)));
  const listed = marks.filter((mark) => !hidden.some((one) => isOf(one, mark))).reverse();
  const turn = (one: Group) =>
    setHidden(hidden.includes(one) ? hidden.filter((other) => other !== one) : [...hidden, one]);
  return (
    <Card title={say("timeline.marks", { count: listed.length })} class="marks">
      <fieldset class="row">
        <legend class="unseen">{say("timeline.show")}</legend>
        {groups.map((one) => (
          <label key={one} class="pick">
            <input type="checkbox" checked={!hidden.includes(one)} onChange={() => turn(one)} />
            {say(`timeline.group.${one}`)}
          </label>
        ))}
      </fieldset>
      <ol class="list">
        {listed.map((mark) => (
          <li key={`${mark.at} ${mark.kind} ${mark.ref}`} class={mark.kind}>
            <button
              type="button"
              class="to-mark"
              aria-current={minuteOf(mark.at) === minute ? "time" : undefined}
              onClick={() => choose(minuteOf(mark.at))}
            >
              <time dateTime={mark.at}>{time(mark.at, { weekday: "short", hour: "2-digit", minute: "2-digit" })}</time>
              <Icon name={ICONS[mark.kind] ?? "notice"} />
              <span class="what">{told(mark)}</span>
            </button>
          </li>
        ))}
        {!listed.length && <li class="soft">{say("timeline.noMarks")}</li>}
      </ol>
    </Card>
  );
}

function isOf(group: Group, mark: Mark): boolean {
  return (GROUPS[group] as readonly MarkKind[]).includes(mark.kind);
}

function told({ kind, ref, text = "" }: Mark): string {
  if (kind === "threat") return say("timeline.mark.threat", { venue: isolated(ref), level: text });
  if (kind === "session") return say("timeline.mark.session", { session: isolated(sessionTitle(ref)) });
  if (kind === "incident" || kind === "incident_closed")
    return say(`timeline.mark.${kind}`, { incident: isolated(incidentTitle(ref, text)) });
  return say(`timeline.mark.${kind}`, { zone: isolated(zoneName(ref)), reason: isolated(reasonWord(text)) });
}

function sessionTitle(id: string): string {
  const known = [picture.value, livePicture.value].flatMap((one) => one?.sessions ?? []);
  return named(known.find((one) => one.session_id === id)?.titles ?? {}, id);
}

function incidentTitle(id: string, kind: string): string {
  const known = [picture.value, livePicture.value].flatMap((one) => one?.incidents ?? []);
  const title = known.find((one) => one.incident_id === id)?.title;
  if (title) return title;
  return knows(`incidents.kind.${kind}`) ? say(`incidents.kind.${kind}`) : kind.replaceAll("_", " ");
}
