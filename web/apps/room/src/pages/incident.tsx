// One incident: how it stands, what may come next, and its log of decisions.
import { mayDo, post, session } from "@placet/kit/api.ts";
import { dateTime, say, time } from "@placet/kit/language.ts";
import { announce } from "@placet/kit/ui/announcer.tsx";
import { Card } from "@placet/kit/ui/card.tsx";
import { Field } from "@placet/kit/ui/field.tsx";
import { useEffect, useRef, useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import { type Entry, HANDLERS, type Move, type Recorded } from "../incidents.ts";
import { useAnswer } from "../parts/answer.ts";
import { change, whatWord } from "../parts/entry.tsx";
import {
  actorWord,
  EscalationClock,
  kindWord,
  Marks,
  Place,
  SeverityChip,
  StateChip,
  titleOf,
} from "../parts/incident.tsx";
import { IncidentFacts } from "../parts/incident-facts.tsx";
import { type Attempt, look, MoveDialog, movesOf, tell } from "../parts/move-dialog.tsx";
import { AT_ONCE, cameTooLate, draft } from "../parts/moving.ts";
import { Pdf } from "../parts/pdf.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { TextField } from "../parts/text-field.tsx";
import { isStale, lookedAt, picture } from "../store.ts";
import "../parts/parts.css";
import "./incident.css";

const AGAIN_MS = 5_000; // what is noted moves nothing in the picture

export default function Page() {
  const id = useRoute().params.id ?? "";
  const { value, error, again } = useAnswer<Recorded>(`/v1/incidents/${encodeURIComponent(id)}`, AGAIN_MS);
  const pictured = picture.value?.incidents?.find((one) => one.incident_id === id);
  const moved = pictured && `${pictured.version} ${pictured.changed_at} ${pictured.repeats} ${pictured.cause_over}`;
  useEffect(() => {
    if (moved) again();
  }, [moved]);
  if (!value) return error ? <ProblemNote error={error} /> : <p role="status">{say("loading")}</p>;
  const incident = lookedAt.value ? asItStood(value, pictured, lookedAt.value) : value;
  if (!incident) return <p role="status">{say("incidents.notYet", { time: dateTime(value.opened_at) })}</p>;
  return <Shown incident={incident} again={again} problem={error} />;
}

/** Of a past minute: as the picture of then has it, with the log up to there; null: it was not reported yet. */
function asItStood(now: Recorded, then: Partial<Recorded> | undefined, minute: string): Recorded | null {
  const log = now.log.filter((entry) => Date.parse(entry.at) <= Date.parse(minute));
  return log.length ? { ...now, ...then, log } : null;
}

interface ShownProps {
  incident: Recorded;
  again: () => void;
  problem: unknown;
}

function Shown({ incident, again, problem }: ShownProps) {
  return (
    <div class={`incident-page${isStale.value ? " old" : ""}`}>
      <header class="card top" data-state={incident.state}>
        <div class="row">
          <SeverityChip severity={incident.severity} />
          <span class="soft">{say("incidents.number", { number: String(incident.number) })}</span>
          <StateChip incident={incident} />
          <Marks incident={incident} />
          <EscalationClock incident={incident} />
        </div>
        <h1>
          <bdi>{titleOf(incident)}</bdi>
        </h1>
        <p>
          {incident.title && `${kindWord(incident.kind)} · `}
          <Place incident={incident} />{" "}
          <span class="soft">· {say("incidents.whose", { who: actorWord(incident.assignee) })}</span>
        </p>
        {!lookedAt.value && <Next incident={incident} again={again} />}
        <ProblemNote error={problem} />
      </header>
      <Card title={say("incidents.log")} class="log">
        {mayDo(...HANDLERS) && !lookedAt.value && !incident.merged_into && (
          <NoteForm incident={incident} again={again} />
        )}
        <Log entries={incident.log} />
      </Card>
      <Card title={say("incidents.facts")} class="facts" aside={<Paper incident={incident} />}>
        <IncidentFacts incident={incident} />
      </Card>
    </div>
  );
}

function Paper({ incident }: { incident: Recorded }) {
  return (
    <Pdf href={`/v1/incidents/${incident.incident_id}.pdf`} name={`incident-${incident.number}.pdf`}>
      {say("incidents.pdf")}
    </Pdf>
  );
}

function Next({ incident, again }: { incident: Recorded; again: () => void }) {
  const [attempt, setAttempt] = useState<Attempt | null>(null);
  const [sending, setSending] = useState(false);
  const [told, setTold] = useState(0);
  const moves = movesOf(incident);
  const busy = sending || incident.version < told; // what one has done oneself is seen before one goes on
  const row = useRef<HTMLDivElement>(null);
  if (!moves.length && !attempt) return null;

  const done = (move: Move, version: number) => {
    setAttempt(null);
    setTold(version);
    announce(say("incidents.done", { move: say(`incidents.move.${move}`) }));
    again();
    row.current?.focus(); // the button that was pressed may be gone
  };

  const atOnce = async (move: Move) => {
    setSending(true);
    try {
      done(move, await tell(move, incident, draft(incident), crypto.randomUUID()));
    } catch (problem) {
      const fresh = cameTooLate(problem) ? await look(incident.incident_id).catch(() => null) : null;
      setAttempt({ move, seen: incident, problem, ...(fresh && { fresh }) });
      again();
    } finally {
      setSending(false);
    }
  };

  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is filled in */}
      <div class="row next" role="group" aria-label={say("incidents.next")} tabIndex={-1} ref={row}>
        {moves.map((move, order) => (
          <button
            key={move}
            type="button"
            class={`button${order === 0 && move !== "reopening" ? " first" : ""}`}
            data-move={move}
            disabled={busy}
            onClick={() => (AT_ONCE.includes(move) ? void atOnce(move) : setAttempt({ move, seen: incident }))}
          >
            {say(`incidents.move.${move}`)}
          </button>
        ))}
      </div>
      {attempt && (
        <MoveDialog
          attempt={attempt}
          done={(version) => done(attempt.move, version)}
          close={() => {
            setAttempt(null);
            again();
          }}
        />
      )}
    </>
  );
}

function NoteForm({ incident, again }: { incident: Recorded; again: () => void }) {
  const [text, setText] = useState("");
  const [rationale, setRationale] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const key = useRef(crypto.randomUUID());
  const write = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const said = { text: text.trim(), ...(rationale.trim() && { rationale: rationale.trim() }) };
      await post(`/v1/incidents/${incident.incident_id}/notes`, said, key.current);
      key.current = crypto.randomUUID();
      setText("");
      setRationale("");
      announce(say("incidents.noted"));
      again();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="note-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() && !busy) void write();
      }}
    >
      <TextField label={say("incidents.field.note")} value={text} change={setText} />
      <Field label={say("incidents.field.rationale")}>
        {(ids) => (
          <input
            {...ids}
            class="input"
            dir="auto"
            maxLength={4000}
            value={rationale}
            onInput={(event) => setRationale(event.currentTarget.value)}
          />
        )}
      </Field>
      <button type="submit" class="button" disabled={busy || !text.trim()}>
        {say("incidents.addNote")}
      </button>
      <ProblemNote error={problem} />
    </form>
  );
}

// The latest first: what happens now is read without scrolling.
function Log({ entries }: { entries: Entry[] }) {
  const me = session.value?.actor;
  return (
    <ol class="entries" reversed>
      {entries
        .map((entry, place) => ({ entry, place }))
        .reverse()
        .map(({ entry, place }) => (
          <li key={place} data-what={entry.what} class={entry.actor === me ? "own" : ""}>
            <p class="by">
              <time dateTime={entry.at}>{time(entry.at, TIME)}</time> <b>{whatWord(entry.what)}</b>
              <span>{change(entry)}</span>
              <bdi class="soft">{actorWord(entry.actor)}</bdi>
            </p>
            {entry.text && (
              <p class="said" dir="auto">
                {entry.text}
              </p>
            )}
            {entry.rationale && (
              <p class="said soft" dir="auto">
                {say("incidents.why", { text: entry.rationale })}
              </p>
            )}
          </li>
        ))}
    </ol>
  );
}

const TIME = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
