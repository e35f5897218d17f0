// Something is wrong: what, how bad, where. Whoever reports may be on the radio at the same time.
import { post } from "@placet/kit/api.ts";
import { isolated, named, say } from "@placet/kit/language.ts";
import { announce } from "@placet/kit/ui/announcer.tsx";
import { Dialog } from "@placet/kit/ui/dialog.tsx";
import { Field } from "@placet/kit/ui/field.tsx";
import { options } from "@placet/kit/ui/options.tsx";
import { useRef, useState } from "preact/hooks";
import { DISCREET_KINDS, KINDS, type Severity } from "../incidents.ts";
import { livePicture } from "../store.ts";
import { kindWord } from "./incident.tsx";
import { SeverityField } from "./move-dialog.tsx";
import { ProblemNote } from "./problem.tsx";
import { TextField } from "./text-field.tsx";

/** Of whom and where it is, as the page it was begun from says. */
export interface Begun {
  zone_id?: string | undefined;
  gate_id?: string | undefined;
  person_ids?: string[] | undefined;
  badge_ids?: string[] | undefined;
}

interface Reported {
  incident_id: string;
  number: number;
}

interface ReportDialogProps {
  begun: Begun;
  done: (incident_id: string) => void;
  close: () => void;
}

export function ReportDialog({ begun, done, close }: ReportDialogProps) {
  const [title, setTitle] = useState("");
  const [kind, setKind] = useState("");
  const [severity, setSeverity] = useState<Severity>(3);
  const [place, setPlace] = useState({ zone_id: begun.zone_id ?? "", gate_id: begun.gate_id ?? "" });
  const [note, setNote] = useState("");
  const [discreet, setDiscreet] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  // One form is one report, however often it is sent: what is asked for twice is there once.
  const key = useRef(crypto.randomUUID());
  const isComplete = title.trim() !== "" && kind !== "";
  const isDiscreet = discreet || DISCREET_KINDS.includes(kind);

  const report = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const { incident_id, number } = await post<Reported>(
        "/v1/incidents",
        {
          kind,
          severity,
          title: title.trim(),
          zone_id: place.zone_id || null,
          gate_id: place.gate_id || null,
          person_ids: begun.person_ids ?? [],
          badge_ids: begun.badge_ids ?? [],
          note: note.trim() || null,
          discreet: isDiscreet,
        },
        key.current,
      );
      announce(say("incidents.reportedAs", { number: String(number) }));
      done(incident_id);
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };

  return (
    <Dialog title={say("incidents.report")} close={close}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isComplete && !busy) void report();
        }}
      >
        <Field label={say("incidents.field.title")} hint={say("incidents.titleHint")}>
          {(ids) => (
            <input
              {...ids}
              class="input"
              dir="auto"
              required
              autocomplete="off"
              maxLength={300}
              value={title}
              onInput={(event) => setTitle(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label={say("incidents.field.kind")}>
          {(ids) => (
            <select
              {...ids}
              class="input"
              required
              value={kind}
              onChange={(event) => setKind(event.currentTarget.value)}
            >
              <option value="">{say("incidents.choose")}</option>
              {options(KINDS, kindWord)}
            </select>
          )}
        </Field>
        <SeverityField value={severity} change={setSeverity} />
        <PlaceFields place={place} change={setPlace} />
        <TextField label={say("incidents.field.note")} hint={say("incidents.optional")} value={note} change={setNote} />
        <label class="choice">
          <input
            type="checkbox"
            checked={isDiscreet}
            disabled={DISCREET_KINDS.includes(kind)}
            onChange={(event) => setDiscreet(event.currentTarget.checked)}
          />
          {say("incidents.makeDiscreet")}
        </label>
        <About begun={begun} />
        <ProblemNote error={problem} />
        <div class="row">
          <button type="submit" class="button first" disabled={busy || !isComplete}>
            {say("incidents.send")}
          </button>
          <button type="button" class="button" onClick={close}>
            {say("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

type Where = { zone_id: string; gate_id: string };

// A gate belongs to the zone it leads to: choosing it says both.
function PlaceFields({ place, change }: { place: Where; change: (place: Where) => void }) {
  const zones = [...(livePicture.value?.zones ?? [])].sort((one, other) => one.order - other.order);
  const gates = (livePicture.value?.gates ?? []).filter(
    (gate) => !place.zone_id || gate.to_zone_id === place.zone_id || gate.from_zone_id === place.zone_id,
  );
  return (
    <div class="pair">
      <Field label={say("incidents.field.zone")}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={place.zone_id}
            onChange={(event) => change({ zone_id: event.currentTarget.value, gate_id: "" })}
          >
            <option value="">{say("incidents.nowhere")}</option>
            {zones.map((zone) => (
              <option key={zone.zone_id} value={zone.zone_id}>
                {`${"\u2003".repeat(zone.depth)}${named(zone.names, zone.zone_id).slice(0, 80)}`}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={say("incidents.field.gate")}>
        {(ids) => (
          <select
            {...ids}
            class="input"
            value={place.gate_id}
            onChange={(event) => {
              const gate = gates.find((one) => one.gate_id === event.currentTarget.value);
              change({ zone_id: place.zone_id || (gate?.to_zone_id ?? ""), gate_id: gate?.gate_id ?? "" });
            }}
          >
            <option value="">{say("incidents.noGate")}</option>
            {gates.map((gate) => (
              <option key={gate.gate_id} value={gate.gate_id}>
                {gate.name.slice(0, 80)}
              </option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}

function About({ begun }: { begun: Begun }) {
  const told = [
    ...(begun.person_ids ?? []).map((id) => say("incidents.aboutPerson", { id: isolated(id.slice(0, 8)) })),
    ...(begun.badge_ids ?? []).map((id) => say("incidents.aboutBadge", { id: isolated(id.slice(0, 8)) })),
  ];
  if (!told.length) return null;
  return <p class="soft">{told.join(" · ")}</p>;
}
