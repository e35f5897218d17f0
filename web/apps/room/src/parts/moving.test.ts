import { Problem } from "@placet/kit/api.ts";
import { describe, expect, it } from "vitest";
import type { Incident, Recorded } from "../incidents.ts";
import { body, cameTooLate, type Draft, isComplete, meanwhile } from "./moving.ts";

const SEEN = { severity: 2, version: 7, assignee: null } as Incident;
const NOTHING: Draft = { text: "", severity: 2, assignee: "", into: "" };

describe("a move", () => {
  it("names the version that was seen, and only what it is about", () => {
    const all: Draft = { text: " water on the floor ", severity: 1, assignee: " medics ", into: "i-1" };
    expect(body("start", SEEN, all)).toEqual({ version: 7 });
    expect(body("triage", SEEN, all)).toEqual({ version: 7, severity: 1, reason: "water on the floor" });
    expect(body("assignment", SEEN, all)).toEqual({ version: 7, assignee: "medics" });
    expect(body("merge", SEEN, all)).toEqual({ version: 7, into: "i-1" });
    expect(body("resolution", SEEN, all)).toEqual({ version: 7, resolution: "water on the floor" });
    expect(body("closure", SEEN, NOTHING)).toEqual({ version: 7 });
  });

  it("is complete once what it wants is there", () => {
    const complete = (move: Parameters<typeof isComplete>[0], drafted: Partial<Draft> = {}) =>
      isComplete(move, SEEN, { ...NOTHING, ...drafted });
    expect(complete("closure")).toBe(true);
    expect(complete("resolution")).toBe(false);
    expect(complete("resolution", { text: "  " })).toBe(false);
    expect(complete("resolution", { text: "mopped" })).toBe(true);
    expect(complete("merge")).toBe(false);
    expect(complete("assignment", { assignee: "two words" })).toBe(false);
    expect(complete("assignment", { assignee: "person:3f2a" })).toBe(true);
  });

  it("to another severity wants a reason", () => {
    expect(isComplete("triage", SEEN, NOTHING)).toBe(true);
    expect(isComplete("triage", SEEN, { ...NOTHING, severity: 1 })).toBe(false);
    expect(isComplete("triage", SEEN, { ...NOTHING, severity: 1, text: "not breathing" })).toBe(true);
  });

  it("comes too late where somebody else was faster, and for no other reason", () => {
    expect(cameTooLate(new Problem(409, "incident_changed", "", ""))).toBe(true);
    expect(cameTooLate(new Problem(409, "incident_state", "", ""))).toBe(false);
    expect(cameTooLate(new Error("incident_changed"))).toBe(false);
  });

  it("is told what happened since", () => {
    const entry = (what: string) => ({ what }) as Recorded["log"][number];
    const seen = { log: [entry("reported")] } as Recorded;
    const fresh = { log: [entry("reported"), entry("noted"), entry("acknowledged")] } as Recorded;
    expect(meanwhile(seen, fresh).map((one) => one.what)).toEqual(["noted", "acknowledged"]);
  });
});
