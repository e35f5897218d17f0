// An entry of an incident's log in a sentence: what was done, and from what to what.
import { isolated, say } from "@placet/kit/language.ts";
import type { Entry } from "../incidents.ts";
import { gate, picture } from "../store.ts";
import { actorWord, stateWord, wordOf } from "./incident.tsx";

export function whatWord(what: string): string {
  return wordOf("incidents.what", what);
}

/** What changed by it; empty where the word alone says everything. */
export function change({ what, from, to }: Entry): string {
  switch (what) {
    case "assigned":
      return say("incidents.toWhom", { who: actorWord(to) });
    case "escalated":
      return to ? say(`incidents.escalated.${to}`) : "";
    case "merged":
    case "absorbed":
      return to ? say("incidents.number", { number: numberOf(to) }) : "";
    case "repeated":
      return repeated(from, Number(to ?? 1));
    case "cause_ended":
      return from ? isolated(from) : "";
    default:
      return fromTo(from, to);
  }
}

function repeated(at: string | null, count: number): string {
  const times = say("incidents.times", { count });
  return at ? `${times} · ${isolated(gate(at)?.name ?? at)}` : times;
}

function fromTo(from: string | null, to: string | null): string {
  if (!from || !to || from === to) return "";
  return say("incidents.fromTo", { from: standing(from), to: standing(to) });
}

// Of a triage that changed how grave it is, numbers; states otherwise.
function standing(code: string): string {
  return /^[1-4]$/.test(code) ? say("incidents.sev", { severity: code }) : stateWord(code);
}

/** The number of an incident by its id, as far as it is on the screen. */
export function numberOf(id: string): string {
  const known = picture.value?.incidents?.find((one) => one.incident_id === id);
  return known ? String(known.number) : `${id.slice(0, 8)}…`;
}
