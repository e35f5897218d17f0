import { describe, expect, it } from "vitest";
import {
  byUrgency,
  clock,
  countdown,
  type Entry,
  type Incident,
  isWanted,
  type Move,
  mergeable,
  nextMoves,
  resolvedBy,
  STATES,
  type State,
  settled,
  unheard,
  type Wanted,
} from "./incidents.ts";

const NOW = new Date("2025-10-25T09:00:00Z");
let numbers = 0;

function incident(fields: Partial<Incident> = {}): Incident {
  numbers += 1;
  return {
    incident_id: `i-${numbers}`,
    number: numbers,
    kind: "medical",
    severity: 3,
    state: "reported",
    escalated: 0,
    title: "A fall",
    place: { zone_id: null, gate_id: null },
    people: [],
    badges: [],
    opened_at: NOW.toISOString(),
    changed_at: NOW.toISOString(),
    due_at: null,
    assignee: null,
    raised_by: "person",
    repeats: 0,
    discreet: false,
    version: 1,
    cause_over: false,
    merged_into: null,
    ...fields,
  };
}

describe("the board", () => {
  it("shows the worst first, of those the oldest, and what is over last", () => {
    const [minor, old, young, over, worst] = [
      incident({ severity: 4, opened_at: "2025-10-25T01:00:00Z" }),
      incident({ severity: 2, opened_at: "2025-10-25T07:00:00Z" }),
      incident({ severity: 2, opened_at: "2025-10-25T08:00:00Z" }),
      incident({ severity: 1, state: "closed" }),
      incident({ severity: 1 }),
    ];
    expect([minor, old, young, over, worst].sort(byUrgency)).toEqual([worst, old, young, minor, over]);
  });

  it("stays as it is under somebody's fingers, with what is new above", () => {
    expect(settled(["c", "b", "new", "a"], ["a", "gone", "b", "c"], true)).toEqual(["new", "a", "b", "c"]);
    expect(settled(["c", "b", "a"], ["a", "b", "c"], false)).toEqual(["c", "b", "a"]);
  });

  it("shows what is asked for", () => {
    const any: Wanted = { state: "open", severity: null, kind: null, mine: false };
    const merged = incident({ merged_into: "i-0" });
    const mine = incident({ assignee: "person:an", severity: 1, kind: "protest", state: "assigned" });
    const all = [incident({ state: "closed" }), merged, mine, incident()];
    const shown = (wanted: Partial<Wanted>, me: string | null = "person:an") =>
      all.filter((one) => isWanted(one, { ...any, ...wanted }, me)).length;

    expect(shown({})).toBe(2);
    expect(shown({ state: "closed" })).toBe(2);
    expect(shown({ state: "all" })).toBe(4);
    expect(shown({ state: "reported" })).toBe(1);
    expect(shown({ severity: 1 })).toBe(1);
    expect(shown({ kind: "medical" })).toBe(1);
    expect(shown({ mine: true })).toBe(1);
    expect(shown({ mine: true }, "person:bao")).toBe(0);
    expect(shown({ mine: true }, null)).toBe(0);
  });
});

describe("the escalation clock", () => {
  const due = (at: string, more: Partial<Incident> = {}) => clock(incident({ due_at: at, ...more }), NOW);

  it("counts down, warns a minute before, and is late from the second it ran out", () => {
    expect(due("2025-10-25T09:05:00Z")).toEqual({ seconds: 300, urgency: "calm" });
    expect(due("2025-10-25T09:01:00Z")).toEqual({ seconds: 60, urgency: "soon" });
    expect(due("2025-10-25T09:00:00Z")).toEqual({ seconds: 0, urgency: "late" });
    expect(due("2025-10-25T08:59:00Z")).toEqual({ seconds: -60, urgency: "late" });
  });

  it("does not run of what is over", () => {
    expect(due("2025-10-25T09:01:00Z", { state: "closed" })).toBeNull();
    expect(due("2025-10-25T09:01:00Z", { merged_into: "i-1" })).toBeNull();
    expect(clock(incident(), NOW)).toBeNull();
  });

  it("is read as a clock", () => {
    expect([245, 59, 0, -3, 43_200].map(countdown)).toEqual(["4:05", "0:59", "0:00", "0:00", "12:00:00"]);
  });
});

describe("what comes next", () => {
  const moves = (fields: Partial<Incident>, roles = ["operations"], isResolver = false) =>
    nextMoves(incident(fields), roles, isResolver);

  it("leads from the report to the closure by the first of each", () => {
    const way: [State, Move][] = [
      ["reported", "triage"],
      ["triaged", "assignment"],
      ["assigned", "acknowledgement"],
      ["acknowledged", "start"],
      ["in_progress", "resolution"],
      ["contained", "resolution"],
      ["resolved", "verification"],
      ["verified", "closure"],
      ["closed", "reopening"],
    ];
    expect(way.map(([state]) => state)).toEqual([...STATES]);
    for (const [state, first] of way) expect(moves({ state })[0], state).toBe(first);
  });

  it("stops the clock first where it runs for minutes only", () => {
    for (const state of ["reported", "triaged"] as const) {
      expect(moves({ state, severity: 1 })[0]).toBe("acknowledgement");
      expect(moves({ state, severity: 2 })[0]).toBe("acknowledgement");
      expect(moves({ state, severity: 4 })[0]).not.toBe("acknowledgement");
    }
  });

  it("is less for those who do not lead, and nothing for those who only read", () => {
    expect(moves({ state: "reported" }, ["supervisor"])).toEqual([
      "acknowledgement",
      "start",
      "containment",
      "resolution",
      "escalation",
    ]);
    for (const state of STATES) {
      expect(moves({ state }, ["auditor"])).toEqual([]);
      expect(moves({ state }, [])).toEqual([]);
    }
    for (const state of ["resolved", "verified", "closed"] as const)
      expect(moves({ state, escalated: 2 }, ["supervisor"])).toEqual([]);
  });

  it("of severity 1 is verified by a second person, before it is closed", () => {
    expect(moves({ state: "resolved", severity: 1 })).toContain("verification");
    expect(moves({ state: "resolved", severity: 1 }, ["commander"], true)).not.toContain("verification");
    expect(moves({ state: "resolved", severity: 1 })).not.toContain("closure");
    expect(moves({ state: "resolved", severity: 2 }, ["commander"], true)).toEqual(
      expect.arrayContaining(["verification", "closure"]),
    );
  });

  it("is nothing of what is part of another, and never higher than the highest", () => {
    expect(moves({ merged_into: "i-1" })).toEqual([]);
    expect(moves({ escalated: 2 })).not.toContain("escalation");
    expect(moves({ escalated: 1 })).toContain("escalation");
  });

  it("is told of the last resolution only", () => {
    const entry = (what: string, actor: string): Entry => ({
      at: NOW.toISOString(),
      actor,
      what,
      text: null,
      rationale: null,
      from: null,
      to: null,
    });
    const log = [entry("resolved", "person:an"), entry("reopened", "person:bao"), entry("resolved", "person:bao")];
    expect(resolvedBy(log, "person:an")).toBe(false);
    expect(resolvedBy(log, "person:bao")).toBe(true);
    expect(resolvedBy([], null)).toBe(false);
  });

  it("merges into an earlier one that is open", () => {
    const [first, closed, merged, second, own, later] = [
      incident(),
      incident({ state: "closed" }),
      incident({ merged_into: "i-1" }),
      incident(),
      incident(),
      incident(),
    ];
    expect(mergeable(own, [first, closed, merged, second, own, later])).toEqual([second, first]);
  });
});

describe("what is told aloud", () => {
  it("is grave, open, and told once", () => {
    const [first, second] = [incident({ severity: 1 }), incident({ severity: 2 })];
    const others = [incident({ severity: 3 }), incident({ severity: 1, state: "closed" })];
    expect(unheard([first, second, ...others], new Set())).toEqual([first, second]);
    expect(unheard([first, second, ...others], new Set([first.incident_id]))).toEqual([second]);
  });
});
