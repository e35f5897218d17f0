import { describe, expect, it } from "vitest";
import { addressOf, following, type Handover, type Item, left, mayDoNow, onDutyAt, type Shifts } from "./shift.ts";

const [AN, BAO, CHI] = ["person:an", "person:bao", "person:chi"] as const;

function item(item_id: string, fields: Partial<Item> = {}): Item {
  return {
    item_id,
    kind: "gate",
    ref: "north",
    detail: "closed",
    title: "North",
    accepted_by: null,
    accepted_at: null,
    ...fields,
  };
}

function handover(fields: Partial<Handover> = {}): Handover {
  return {
    handover_id: "h-1",
    from: AN,
    to: null,
    offered_by: AN,
    offered_at: "2025-10-25T09:00:00Z",
    note: null,
    items: [item("a"), item("b", { accepted_by: BAO }), item("c")],
    ...fields,
  };
}

function shifts(fields: Partial<Shifts> = {}): Shifts {
  return { on_duty: AN, since: "2025-10-25T01:00:00Z", handover: null, kept: [], past: [], ...fields };
}

describe("who may do what", () => {
  const may = (fields: Partial<Shifts>, me: string | null, role = "operations") => mayDoNow(shifts(fields), me, [role]);

  it("starts where nobody is on duty", () => {
    expect(may({ on_duty: null }, AN).start).toBe(true);
    expect(may({ on_duty: null }, AN, "auditor").start).toBe(false);
    expect(may({}, BAO).start).toBe(false);
  });

  it("hands over who is on duty, or a commander for them", () => {
    expect(may({}, AN).offer).toBe(true);
    expect(may({}, BAO).offer).toBe(false);
    expect(may({}, BAO, "commander").offer).toBe(true);
    expect(may({ handover: handover() }, AN).offer).toBe(false);
    expect(may({ on_duty: null }, AN).offer).toBe(false);
  });

  it("accepts anybody but the outgoing officer, and then only whoever began to", () => {
    expect(may({ handover: handover() }, AN).accept).toBe(false);
    expect(may({ handover: handover() }, BAO).accept).toBe(true);
    expect(may({ handover: handover({ to: BAO }) }, BAO).accept).toBe(true);
    expect(may({ handover: handover({ to: BAO }) }, CHI).accept).toBe(false);
    expect(may({ handover: handover() }, BAO, "auditor").accept).toBe(false);
  });

  it("withdraws the outgoing officer, or a commander", () => {
    expect(may({ handover: handover() }, AN).withdraw).toBe(true);
    expect(may({ handover: handover() }, BAO).withdraw).toBe(false);
    expect(may({ handover: handover() }, CHI, "commander").withdraw).toBe(true);
  });

  it("takes what stayed behind only on duty", () => {
    expect(may({}, AN).acceptKept).toBe(true);
    expect(may({}, BAO, "commander").acceptKept).toBe(false);
  });
});

describe("items", () => {
  it("are left until they are accepted, and come one after the other, round and round", () => {
    const offered = handover();
    expect(left(offered).map((one) => one.item_id)).toEqual(["a", "c"]);
    expect(following(offered.items, "a")).toBe("c");
    expect(following(offered.items, "c")).toBe("a");
    expect(following([item("a", { accepted_by: BAO })], "a")).toBeNull();
  });

  it("lead to where they are looked at", () => {
    expect(addressOf(item("a", { kind: "incident", ref: "i-1" }))).toBe("/incidents/i-1");
    expect(addressOf(item("a", { kind: "capacity", ref: "pln" }))).toBe("/zones/pln");
    expect(addressOf(item("a", { kind: "badge", ref: "b-1" }))).toBe("/people?badge=b-1");
    expect(addressOf(item("a", { kind: "badge", ref: "suspended" }))).toBeNull();
    expect(addressOf(item("a", { kind: "note", ref: null }))).toBeNull();
  });
});

describe("the past", () => {
  it("tells who was on duty as far as hand-overs are remembered", () => {
    const known = shifts({
      on_duty: CHI,
      since: "2025-10-25T16:00:00Z",
      past: [
        { ...handover({ from: BAO, to: CHI }), ended_at: "2025-10-25T16:00:00Z" },
        { ...handover({ from: AN, to: BAO }), ended_at: "2025-10-25T08:00:00Z" },
      ],
    });
    expect(onDutyAt(known, "2025-10-25T17:00:00Z")).toBe(CHI);
    expect(onDutyAt(known, "2025-10-25T12:00:00Z")).toBe(BAO);
    expect(onDutyAt(known, "2025-10-25T03:00:00Z")).toBe(AN);
    expect(onDutyAt(shifts(), "2025-10-25T00:00:00Z")).toBeNull();
  });
});
