// What every page says of an incident in the same way: how grave, how it stands, where, whose, and its clock.
import { session } from "@placet/kit/api.ts";
import { duration, isolated, knows, say } from "@placet/kit/language.ts";
import { Chip, type ChipKind } from "@placet/kit/ui/chip.tsx";
import { Icon } from "@placet/kit/ui/icon.tsx";
import { clock, countdown, type Incident, type Severity, type State } from "../incidents.ts";
import { gate, now } from "../store.ts";
import { zoneName } from "./order-words.ts";
import "./incident.css";

export function SeverityChip({ severity }: { severity: Severity }) {
  return (
    <span class={`severity s${severity}`} title={say(`incidents.severity.${severity}`)}>
      {say("incidents.sev", { severity: String(severity) })}
    </span>
  );
}

const TONES: Readonly<Record<State, ChipKind>> = {
  reported: "full",
  triaged: "nearly",
  assigned: "nearly",
  acknowledged: "nearly",
  in_progress: "plain",
  contained: "plain",
  resolved: "fine",
  verified: "fine",
  closed: "plain",
};

export function StateChip({ incident }: { incident: Incident }) {
  if (incident.merged_into) return <Chip>{say("incidents.merged")}</Chip>;
  return <Chip kind={TONES[incident.state] ?? "plain"}>{stateWord(incident.state)}</Chip>;
}

/** What else must be seen at once: that few may know of it, that it went up, that it comes again, that its cause is over. */
export function Marks({ incident }: { incident: Incident }) {
  return (
    <>
      {incident.escalated > 0 && (
        <Chip kind="full" icon="up">
          {say(`incidents.escalated.${incident.escalated}`)}
        </Chip>
      )}
      {incident.discreet && (
        <Chip kind="lockdown" icon="lockdown">
          {say("incidents.discreet")}
        </Chip>
      )}
      {incident.repeats > 0 && <Chip>{say("incidents.repeats", { count: incident.repeats })}</Chip>}
      {incident.cause_over && (
        <Chip kind="fine" icon="fine">
          {say("incidents.causeOver")}
        </Chip>
      )}
    </>
  );
}

/** How long until it goes up by itself. */
export function EscalationClock({ incident }: { incident: Incident }) {
  const left = clock(incident, now.value);
  if (!left) return null;
  const level = say(`incidents.escalated.${Math.min(2, incident.escalated + 1)}`);
  return (
    <span class={`due ${left.urgency}`} title={say("incidents.clockSays", { level })}>
      <Icon name="quiet" />
      <span class="unseen">{say("incidents.clock")}</span>
      {left.urgency === "late" ? say("incidents.late") : countdown(left.seconds)}
    </span>
  );
}

export function Place({ incident }: { incident: Incident }) {
  const { zone_id, gate_id } = incident.place;
  if (!zone_id && !gate_id) return <span class="soft">{say("incidents.noPlace")}</span>;
  return (
    <span class="where">
      {zone_id && (
        <a href={`/zones/${zone_id}`}>
          <bdi>{zoneName(zone_id)}</bdi>
        </a>
      )}
      {zone_id && gate_id && " · "}
      {gate_id && (
        <a href="/gates">
          <bdi>{gate(gate_id)?.name ?? gate_id}</bdi>
        </a>
      )}
    </span>
  );
}

/** As people call it; a rule's by its kind and place. */
export function titleOf({ title, kind, place }: Pick<Incident, "title" | "kind" | "place">): string {
  if (title) return title;
  const where = place.gate_id ? (gate(place.gate_id)?.name ?? place.gate_id) : place.zone_id && zoneName(place.zone_id);
  return where ? say("incidents.ofRule", { kind: kindWord(kind), place: isolated(where) }) : kindWord(kind);
}

export function kindWord(kind: string): string {
  return wordOf("incidents.kind", kind);
}

export function stateWord(state: string): string {
  return wordOf("incidents.state", state);
}

/** A code of tomorrow has no word yet: it is shown as it is. */
export function wordOf(group: string, code: string): string {
  return knows(`${group}.${code}`) ? say(`${group}.${code}`) : code.replaceAll("_", " ");
}

/** Somebody by their id: names are asked for one by one, and each look is recorded. */
export function actorWord(actor: string | null): string {
  if (!actor) return say("incidents.nobody");
  if (actor === session.value?.actor) return say("incidents.you");
  if (actor === "service:operations") return say("incidents.system");
  return isolated(actor.replace(/^person:/, ""));
}

export function age(at: string): string {
  return duration(Math.max(0, (now.value.getTime() - Date.parse(at)) / 1000));
}
