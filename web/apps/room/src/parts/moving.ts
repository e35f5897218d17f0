// Moving an incident: what each move asks for, and what the service is told.
import { Problem } from "@placet/kit/api.ts";
import type { Entry, Incident, Move, Recorded, Severity } from "../incidents.ts";

interface Asks {
  /** What is written, as the service calls it. */
  text: "reason" | "note" | "resolution" | null;
  /** Whether nothing goes without it. */
  wanted: boolean;
}

export const ASKS: Readonly<Record<Move, Asks>> = {
  triage: { text: "reason", wanted: false },
  assignment: { text: null, wanted: false },
  acknowledgement: { text: null, wanted: false },
  start: { text: null, wanted: false },
  escalation: { text: "reason", wanted: true },
  containment: { text: "note", wanted: false },
  resolution: { text: "resolution", wanted: true },
  verification: { text: "note", wanted: false },
  closure: { text: "note", wanted: false },
  reopening: { text: "reason", wanted: true },
  merge: { text: null, wanted: false },
};

/** Done at a press: nothing has to be chosen or written. */
export const AT_ONCE: readonly Move[] = ["acknowledgement", "start"];

/** What somebody has chosen and typed; it is kept whatever happens meanwhile. */
export interface Draft {
  text: string;
  severity: Severity;
  assignee: string;
  into: string;
}

export function draft(incident: Incident): Draft {
  return { text: "", severity: incident.severity, assignee: incident.assignee ?? "", into: "" };
}

/** What the service is told, by somebody who saw the incident as `seen`. */
export function body(move: Move, seen: Incident, { text, severity, assignee, into }: Draft): Record<string, unknown> {
  const written = ASKS[move].text;
  return {
    version: seen.version,
    ...(move === "triage" && { severity }),
    ...(move === "assignment" && { assignee: assignee.trim() }),
    ...(move === "merge" && { into }),
    ...(written && text.trim() && { [written]: text.trim() }),
  };
}

/** Whether all that a move wants is there. */
export function isComplete(move: Move, seen: Incident, drafted: Draft): boolean {
  if (move === "assignment") return ASSIGNEE.test(drafted.assignee.trim());
  if (move === "merge") return drafted.into !== "";
  const wanted = ASKS[move].wanted || (move === "triage" && drafted.severity !== seen.severity);
  return !wanted || drafted.text.trim() !== "";
}

/** A principal or a team, by its id. */
const ASSIGNEE = /^[A-Za-z0-9][A-Za-z0-9:_-]{0,99}$/;

/** Whether somebody else moved it first. */
export function cameTooLate(error: unknown): boolean {
  return error instanceof Problem && error.code === "incident_changed";
}

/** What happened since somebody saw it so: entries that moved it, the latest last. */
export function meanwhile(seen: Recorded, fresh: Recorded): Entry[] {
  return fresh.log.slice(seen.log.length);
}
