// The board: everything that is wrong now, the worst and oldest first, and when it goes up by itself.
import { mayDo, session } from "@placet/kit/api.ts";
import { say, time } from "@placet/kit/language.ts";
import { Icon } from "@placet/kit/ui/icon.tsx";
import { options } from "@placet/kit/ui/options.tsx";
import { signal } from "@preact/signals";
import { useMemo, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import {
  byUrgency,
  HANDLERS,
  type Incident,
  isOpen,
  isWanted,
  KINDS,
  SEVERITIES,
  type Severity,
  STATES,
  settled,
  type Wanted,
} from "../incidents.ts";
import { useAnswer } from "../parts/answer.ts";
import {
  actorWord,
  age,
  EscalationClock,
  kindWord,
  Marks,
  Place,
  SeverityChip,
  StateChip,
  stateWord,
  titleOf,
} from "../parts/incident.tsx";
import { Pdf } from "../parts/pdf.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { type Begun, ReportDialog } from "../parts/report-dialog.tsx";
import { isStale, lookedAt, now, picture } from "../store.ts";
import "../parts/parts.css";
import "./incidents.css";

const DAY_MS = 86_400_000;

// Kept while one goes to an incident and comes back.
const wanted = signal<Wanted>({ state: "open", severity: null, kind: null, mine: false });

export default function Incidents() {
  const { query, route } = useLocation();
  const [reporting, report] = useState(query.report !== undefined);
  const { incidents, isWaiting, error } = useIncidents();
  const me = session.value?.actor ?? null;
  const shown = incidents.filter((one) => isWanted(one, wanted.value, me));
  const open = incidents.filter(isOpen).length;
  const mayReport = mayDo(...HANDLERS) && !lookedAt.value;
  return (
    <div class="board stack">
      <div class="page-head">
        <h1>{say("page.incidents")}</h1>
        <p class={`soft${isStale.value ? " stale" : ""}`}>{say("incidents.open", { count: open })}</p>
        <span class="gap" />
        {!lookedAt.value && <DayReport />}
        {mayReport && (
          <button type="button" class="button first" onClick={() => report(true)}>
            <Icon name="incident" /> {say("incidents.report")}
          </button>
        )}
      </div>
      <Filters />
      <ProblemNote error={error} />
      {isWaiting ? <p role="status">{say("loading")}</p> : <Rows incidents={shown} all={incidents} />}
      {reporting && mayReport && (
        <ReportDialog begun={begun(query)} close={() => report(false)} done={(id) => route(`/incidents/${id}`)} />
      )}
    </div>
  );
}

// Other pages send whoever reports here: `/incidents?report=1&gate=…&person=…`.
function begun({ zone, gate, person, badge }: Record<string, string>): Begun {
  return { zone_id: zone, gate_id: gate, person_ids: person ? [person] : [], badge_ids: badge ? [badge] : [] };
}

/** Those in the picture; where closed ones are asked for, also those that have left it. Of the past, the picture's. */
function useIncidents(): { incidents: Incident[]; isWaiting: boolean; error: unknown } {
  const { state } = wanted.value;
  const wantsClosed = (state === "closed" || state === "all") && !lookedAt.value;
  const closed = useAnswer<Incident[]>(wantsClosed ? "/v1/incidents?state=closed&limit=500" : null, 30_000);
  const live = picture.value?.incidents;
  const incidents = useMemo(() => {
    const byId = new Map((closed.value ?? []).map((one) => [one.incident_id, one]));
    for (const one of live ?? []) byId.set(one.incident_id, one);
    return [...byId.values()];
  }, [live, closed.value]);
  return { incidents, isWaiting: !picture.value || (wantsClosed && closed.waiting), error: closed.error };
}

function Filters() {
  const { state, severity, kind, mine } = wanted.value;
  const want = (part: Partial<Wanted>) => {
    wanted.value = { ...wanted.value, ...part };
  };
  return (
    <search class="filters row" aria-label={say("incidents.filters")}>
      <label>
        <span class="unseen">{say("incidents.field.state")}</span>
        <select
          class="input small"
          value={state}
          onChange={(event) => want({ state: event.currentTarget.value as Wanted["state"] })}
        >
          <option value="open">{say("incidents.allOpen")}</option>
          {options(
            STATES.filter((one) => one !== "closed"),
            stateWord,
          )}
          <option value="closed">{stateWord("closed")}</option>
          <option value="all">{say("incidents.allStates")}</option>
        </select>
      </label>
      <label>
        <span class="unseen">{say("incidents.field.severity")}</span>
        <select
          class="input small"
          value={severity ?? ""}
          onChange={(event) => want({ severity: (Number(event.currentTarget.value) || null) as Severity | null })}
        >
          <option value="">{say("incidents.anySeverity")}</option>
          {options(SEVERITIES, (one) => say(`incidents.severity.${one}`))}
        </select>
      </label>
      <label>
        <span class="unseen">{say("incidents.field.kind")}</span>
        <select
          class="input small"
          value={kind ?? ""}
          onChange={(event) => want({ kind: event.currentTarget.value || null })}
        >
          <option value="">{say("incidents.anyKind")}</option>
          {options(KINDS, kindWord)}
        </select>
      </label>
      <label class="choice">
        <input type="checkbox" checked={mine} onChange={(event) => want({ mine: event.currentTarget.checked })} />
        {say("incidents.mine")}
      </label>
    </search>
  );
}

function Rows({ incidents, all }: { incidents: Incident[]; all: Incident[] }) {
  const list = useRef<HTMLOListElement>(null);
  const before = useRef<string[]>([]);
  const byId = new Map(incidents.map((one) => [one.incident_id, one]));
  const held = list.current?.matches(":focus-within") ?? false;
  const sorted = [...incidents].sort(byUrgency).map((one) => one.incident_id);
  before.current = settled(sorted, before.current, held);
  if (!incidents.length) {
    return (
      <p class="all-fine" role="status">
        <Icon name="fine" />{" "}
        {say(all.some(isOpen) || wanted.value.state !== "open" ? "incidents.noneSuch" : "incidents.none")}
      </p>
    );
  }
  return (
    <ol class="incidents" ref={list}>
      {before.current.map((id) => {
        const incident = byId.get(id);
        return incident && <Row key={id} incident={incident} parts={all.filter((one) => one.merged_into === id)} />;
      })}
    </ol>
  );
}

function Row({ incident, parts }: { incident: Incident; parts: Incident[] }) {
  const title = titleOf(incident);
  return (
    <li class="card incident" data-incident={incident.number} data-severity={incident.severity}>
      <SeverityChip severity={incident.severity} />
      <span class="no" title={say("incidents.number", { number: String(incident.number) })}>
        <span aria-hidden="true">#</span>
        <span class="unseen">{say("incidents.numberShort")} </span>
        {incident.number}
      </span>
      <div class="what">
        <h2>
          <a href={`/incidents/${incident.incident_id}`} title={title}>
            <bdi class="long">{title}</bdi>
          </a>
        </h2>
        <p class="soft">
          {incident.title && <>{kindWord(incident.kind)} · </>}
          <Place incident={incident} />
          {parts.length > 0 && ` · ${say("incidents.with", { numbers: parts.map((one) => one.number).join(", ") })}`}
        </p>
      </div>
      <p class="row states">
        <StateChip incident={incident} />
        <Marks incident={incident} />
      </p>
      <p class="whose">
        <bdi>{say("incidents.whose", { who: actorWord(incident.assignee) })}</bdi>
      </p>
      <p class="when">
        <span class="soft" title={time(incident.opened_at)}>
          {say("age.ago", { time: age(incident.opened_at) })}
        </span>
        <EscalationClock incident={incident} />
      </p>
    </li>
  );
}

function DayReport() {
  // To the minute: an address that changed every second would be a new one under the pointer.
  const until = new Date(Math.floor(now.value.getTime() / 60_000) * 60_000);
  const since = new Date(until.getTime() - DAY_MS);
  const span = new URLSearchParams({ since: since.toISOString(), until: until.toISOString() });
  return (
    <Pdf href={`/v1/incidents/report.pdf?${span}`} name={`incidents-${isoDay(until)}.pdf`}>
      {say("incidents.dayReport")}
    </Pdf>
  );
}

function isoDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}
