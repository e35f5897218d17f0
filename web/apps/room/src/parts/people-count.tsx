// How many people a zone holds: a number, or a range while scans are still to come from a silent gate.
import { isolated, number, say } from "@placet/kit/language.ts";
import type { Zone } from "../picture.ts";
import { gate, isStale } from "../store.ts";

export function PeopleCount({ zone }: { zone: Zone }) {
  const stale = isStale.value ? " stale" : "";
  if (!zone.uncertain) return <b class={`count${stale}`}>{number(zone.count)}</b>;
  return (
    <b class={`count uncertain${stale}`} title={doubt(zone)}>
      {number(zone.uncertain.low)}–{number(zone.uncertain.high)}
    </b>
  );
}

/** Why the number of a zone is not known exactly; empty if it is. */
export function doubt(zone: Zone): string {
  if (!zone.uncertain) return "";
  const { low, high, gates } = zone.uncertain;
  const names = gates.map((id) => isolated(gate(id)?.name ?? id));
  return say("uncertain.range", { low, high, gates: names.join(", ") });
}
