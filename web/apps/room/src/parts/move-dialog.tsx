// What somebody does with an incident, where it takes more than a press; and where somebody else was faster.
import { get, post, session } from "@placet/kit/api.ts";
import { isolated, say, time } from "@placet/kit/language.ts";
import { Dialog } from "@placet/kit/ui/dialog.tsx";
import { Field } from "@placet/kit/ui/field.tsx";
import { useId, useRef, useState } from "preact/hooks";
import { type Incident, type Move, mergeable, nextMoves, type Recorded, resolvedBy, SEVERITIES } from "../incidents.ts";
import { picture } from "../store.ts";
import { change, whatWord } from "./entry.tsx";
import { actorWord, stateWord, titleOf } from "./incident.tsx";
import { ASKS, body, cameTooLate, type Draft, draft, isComplete, meanwhile } from "./moving.ts";
import { ProblemNote } from "./problem.tsx";
import { TextField } from "./text-field.tsx";

interface Attempt {
  move: Move;
  /** The incident as it stood when somebody decided. */
  seen: Recorded;
  /** What a first try came back with. */
  problem?: unknown;
  /** As it stands now, where that is another. */
  fresh?: Recorded;
}

export type { Attempt };

/** Tells the service; the version it has from then on. Raises Problem. */
export async function tell(move: Move, seen: Recorded, drafted: Draft, key: string): Promise<number> {
  const path = `/v1/incidents/${seen.incident_id}/${move}`;
  return (await post<{ version: number }>(path, body(move, seen, drafted), key)).version;
}

export function look(incident_id: string): Promise<Recorded> {
  return get<Recorded>(`/v1/incidents/${incident_id}`);
}

interface MoveDialogProps {
  attempt: Attempt;
  /** It was done; `version`: of the incident from then on. */
  done: (version: number) => void;
  close: () => void;
}

export function MoveDialog({ attempt, done, close }: MoveDialogProps) {
  const { move } = attempt;
  const [seen, setSeen] = useState(attempt.seen);
  const [fresh, setFresh] = useState<Recorded | null>(attempt.fresh ?? null);
  const [drafted, setDrafted] = useState(() => draft(attempt.seen));
  const [problem, setProblem] = useState<unknown>(attempt.problem ?? null);
  const [busy, setBusy] = useState(false);
  const key = useRef(crypto.randomUUID());
  const standing = fresh ?? seen;
  const isPossible = movesOf(standing).includes(move);

  const go = async (send: () => Promise<number>) => {
    setBusy(true);
    setProblem(null);
    try {
      done(await send());
    } catch (error) {
      setProblem(error);
      if (cameTooLate(error)) {
        setSeen((before) => fresh ?? before);
        setFresh(await look(seen.incident_id).catch(() => null));
        key.current = crypto.randomUUID(); // to decide anew, having seen it, is another intention
      }
    } finally {
      setBusy(false);
    }
  };

  const submit = (event: Event) => {
    event.preventDefault();
    if (!busy && isComplete(move, standing, drafted)) void go(() => tell(move, standing, drafted, key.current));
  };
  const asNote = () => {
    const path = `/v1/incidents/${seen.incident_id}/notes`;
    return go(async () => (await post<{ version: number }>(path, { text: drafted.text.trim() }, key.current)).version);
  };

  return (
    <Dialog title={say(`incidents.move.${move}`)} close={close}>
      <p class="soft clip">
        {say("incidents.number", { number: String(seen.number) })} · <bdi>{titleOf(seen)}</bdi>
      </p>
      {fresh ? <Meanwhile seen={seen} fresh={fresh} isPossible={isPossible} /> : <ProblemNote error={problem} />}
      {fresh && !cameTooLate(problem) && <ProblemNote error={problem} />}
      <form class="stack" onSubmit={submit}>
        <Fields move={move} seen={standing} drafted={drafted} change={(part) => setDrafted({ ...drafted, ...part })} />
        <div class="row">
          {isPossible && (
            <button type="submit" class="button first" disabled={busy || !isComplete(move, standing, drafted)}>
              {say(fresh ? "incidents.allTheSame" : `incidents.move.${move}`)}
            </button>
          )}
          {!isPossible && drafted.text.trim() !== "" && (
            <button type="button" class="button first" disabled={busy} onClick={() => void asNote()}>
              {say("incidents.asNote")}
            </button>
          )}
          <button type="button" class="button" onClick={close}>
            {say("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export function movesOf(incident: Recorded): Move[] {
  const { actor = null, roles = [] } = session.value ?? {};
  return nextMoves(incident, roles, resolvedBy(incident.log, actor));
}

function Meanwhile({ seen, fresh, isPossible }: { seen: Recorded; fresh: Recorded; isPossible: boolean }) {
  return (
    <div class="meanwhile" role="alert">
      <strong>{say("incidents.meanwhile")}</strong>
      <ul>
        {meanwhile(seen, fresh).map((entry) => (
          <li key={`${entry.at} ${entry.what} ${entry.actor}`}>
            {time(entry.at)} <bdi>{actorWord(entry.actor)}</bdi>: {whatWord(entry.what)} {change(entry)}
            {entry.text && (
              <>
                {" "}
                – <bdi>{entry.text}</bdi>
              </>
            )}
          </li>
        ))}
      </ul>
      <p>
        {say("incidents.standsNow", { state: isolated(stateWord(fresh.state)) })}{" "}
        {!isPossible && say("incidents.notPossible")}
      </p>
    </div>
  );
}

interface FieldsProps {
  move: Move;
  seen: Incident;
  drafted: Draft;
  change: (part: Partial<Draft>) => void;
}

function Fields({ move, seen, drafted, change }: FieldsProps) {
  const { text, wanted } = ASKS[move];
  const isWanted = wanted || (move === "triage" && drafted.severity !== seen.severity);
  return (
    <>
      {move === "triage" && <SeverityField value={drafted.severity} change={(severity) => change({ severity })} />}
      {move === "assignment" && <AssigneeField value={drafted.assignee} change={(assignee) => change({ assignee })} />}
      {move === "merge" && <IntoField seen={seen} value={drafted.into} change={(into) => change({ into })} />}
      {text && (
        <TextField
          label={say(`incidents.field.${text}`)}
          hint={isWanted ? say("incidents.required") : say("incidents.optional")}
          required={isWanted}
          value={drafted.text}
          change={(written) => change({ text: written })}
        />
      )}
    </>
  );
}

interface Chosen<T> {
  value: T;
  change: (value: T) => void;
}

export function SeverityField({ value, change }: Chosen<Incident["severity"]>) {
  const name = useId();
  return (
    <fieldset class="field severities">
      <legend class="label">{say("incidents.field.severity")}</legend>
      {SEVERITIES.map((severity) => (
        <label key={severity} class="choice">
          <input type="radio" name={name} checked={severity === value} onChange={() => change(severity)} />
          {say(`incidents.severity.${severity}`)}
        </label>
      ))}
    </fieldset>
  );
}

// Whoever is known to the room is offered; a team is typed.
function AssigneeField({ value, change }: Chosen<string>) {
  const list = useId();
  const known = new Set([
    session.value?.actor,
    picture.value?.shift?.on_duty,
    ...(picture.value?.incidents ?? []).map((one) => one.assignee),
  ]);
  return (
    <Field label={say("incidents.field.assignee")} hint={say("incidents.assigneeHint")}>
      {(ids) => (
        <>
          <input
            {...ids}
            class="input"
            list={list}
            autocomplete="off"
            spellcheck={false}
            maxLength={100}
            value={value}
            onInput={(event) => change(event.currentTarget.value)}
          />
          <datalist id={list}>{[...known].map((one) => one && <option key={one} value={one} />)}</datalist>
        </>
      )}
    </Field>
  );
}

function IntoField({ seen, value, change }: Chosen<string> & { seen: Incident }) {
  const all = mergeable(seen, picture.value?.incidents ?? []);
  return (
    <Field label={say("incidents.field.into")} hint={say(all.length ? "incidents.intoHint" : "incidents.intoNone")}>
      {(ids) => (
        <select {...ids} class="input" value={value} onChange={(event) => change(event.currentTarget.value)}>
          <option value="">{say("incidents.choose")}</option>
          {all.map((one) => (
            <option key={one.incident_id} value={one.incident_id}>
              {`${one.number} · ${titleOf(one).slice(0, 80)}`}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
