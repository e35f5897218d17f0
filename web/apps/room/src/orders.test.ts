import { describe, expect, it } from "vitest";
import { command, isProven, Keys, type Order, proof, reach, together } from "./orders.ts";
import type { Evacuation, Gate, Picture, Zone } from "./picture.ts";

function zone(zone_id: string, order: number, depth: number, count: number, more: Partial<Zone> = {}): Zone {
  const names = { en: `${zone_id} hall`, fr: `salle ${zone_id}`, vi: `phòng ${zone_id}` };
  const calm = { full: false, nearly_full: false, lockdown: null, evacuation: null, locked: false, evacuated: false };
  return { zone_id, order, depth, names, zone_class: "open", count, capacity: 10, uncertain: null, ...calm, ...more };
}

const gate = (gate_id: string, to_zone_id: string) => ({ gate_id, to_zone_id }) as Gate;

// Grounds with a hall, in which there is a booth; beside the hall an empty store.
const SHOWN = {
  zones: [zone("per", 0, 0, 40), zone("pln", 1, 1, 12), zone("booth", 2, 2, 0), zone("store", 3, 1, 0)],
  gates: [gate("north", "per"), gate("a", "pln"), gate("b", "booth"), gate("c", "store")],
} as Picture;

const ids = (shown: Picture | null, of: readonly string[] | null) => {
  const { zones, gates } = reach(shown, of);
  return [zones.map((one) => one.zone_id), gates.map((one) => one.gate_id)];
};

describe("how far an order reaches", () => {
  it("is the zone, everything inside it, and the gates into those", () => {
    expect(ids(SHOWN, ["pln"])).toEqual([
      ["pln", "booth"],
      ["a", "b"],
    ]);
    expect(ids(SHOWN, ["booth"])).toEqual([["booth"], ["b"]]);
  });

  it("is everything for the whole venue, in whatever order the zones came", () => {
    const turned = { ...SHOWN, zones: [...SHOWN.zones].reverse() };
    expect(ids(turned, null)[0]).toEqual(["per", "pln", "booth", "store"]);
    expect(ids(turned, null)[1]).toHaveLength(4);
  });

  it("counts nobody twice, and as many as there may be", () => {
    expect(reach(SHOWN, null).people).toBe(40);
    const silent = { ...SHOWN, zones: [zone("per", 0, 0, 0, { uncertain: { low: 0, high: 7, gates: ["north"] } })] };
    expect(reach(silent, ["per"]).people).toBe(7);
  });

  it("is not known without a picture", () => {
    expect(reach(null, ["per"]).people).toBeNull();
  });
});

function asked(order: Order, shown: Picture | null = SHOWN) {
  const of =
    "zone_id" in order
      ? order.zone_id === null
        ? null
        : [order.zone_id]
      : "zone_ids" in order
        ? order.zone_ids
        : null;
  return proof(order, reach(shown, of), "Whole venue");
}

describe("how sure one must be", () => {
  it("types the name of a place with people in it, and of the whole venue", () => {
    for (const what of ["lockdown", "evacuation"] as const) {
      expect(asked({ what, zone_id: "pln", reason: "smoke" })).toEqual({ by: "name", name: "pln hall" });
      expect(asked({ what, zone_id: null, reason: "smoke" })).toEqual({ by: "name", name: "Whole venue" });
    }
  });

  it("ticks for an empty place, for a threat level, and to lift a lockdown", () => {
    expect(asked({ what: "lockdown", zone_id: "store", reason: "smoke" })).toEqual({ by: "tick" });
    expect(asked({ what: "threat", level: 7, reason: "intelligence" })).toEqual({ by: "tick" });
    expect(asked({ what: "lifting", zone_id: "pln" })).toEqual({ by: "tick" });
  });

  it("types while it is not known who is there", () => {
    expect(asked({ what: "lockdown", zone_id: "store", reason: "smoke" }, null)).toEqual({ by: "name", name: "store" });
  });

  it("types for an all-clear while somebody is missing", () => {
    const clear = { what: "allClear", evacuation_id: "e", zone_ids: ["pln"], missing: 0 } as const;
    expect(asked(clear)).toEqual({ by: "tick" });
    expect(asked({ ...clear, missing: 1 })).toEqual({ by: "name", name: "pln hall" });
    expect(asked({ ...clear, missing: 1, zone_ids: ["pln", "store"] })).toEqual({ by: "name", name: "Whole venue" });
  });

  it("types the id of a place whose name nobody could type", () => {
    for (const name of ["Z".repeat(300), "\u202eevil\u202c", `H${"\u0300\u0301".repeat(20)}all`]) {
      const shown = { ...SHOWN, zones: [zone("per", 0, 0, 3, { names: { en: name, fr: name, vi: name } })] };
      expect(asked({ what: "lockdown", zone_id: "per", reason: "smoke" }, shown)).toEqual({ by: "name", name: "per" });
    }
  });

  it("takes a name however it is written, and no other", () => {
    const wanted = { by: "name", name: "Đại sảnh số 1" } as const;
    for (const typed of ["Đại sảnh số 1", "đại SẢNH  số 1 ", "dai sanh so 1"])
      expect(isProven(wanted, { ticked: false, typed })).toBe(true);
    for (const typed of ["", "Đại sảnh số 2", "Đại sảnh"])
      expect(isProven(wanted, { ticked: true, typed })).toBe(false);
    expect(isProven({ by: "tick" }, { ticked: false, typed: "anything" })).toBe(false);
    expect(isProven({ by: "tick" }, { ticked: true, typed: "" })).toBe(true);
  });
});

describe("what is sent", () => {
  it("says what it must and nothing else", () => {
    expect(command({ what: "lockdown", zone_id: null, reason: "smoke" })).toEqual({
      path: "/v1/via/access/lockdowns",
      body: { zone_id: null, reason: "smoke" },
    });
    expect(command({ what: "allClear", evacuation_id: "e-1", zone_ids: ["pln"], missing: 3 })).toEqual({
      path: "/v1/via/access/evacuations/e-1/all-clear",
      body: {},
    });
  });

  it("has one key as long as it is the same order", () => {
    const keys = new Keys();
    const first = keys.of({ what: "lockdown", zone_id: "pln", reason: "smoke" });
    expect(keys.of({ what: "lockdown", zone_id: "pln", reason: "smoke" })).toBe(first);
    expect(keys.of({ what: "lockdown", zone_id: "pln", reason: "other" })).not.toBe(first);
    expect(new Keys().of({ what: "lockdown", zone_id: "pln", reason: "smoke" })).not.toBe(first);
  });

  it("ends an evacuation of the whole venue at once", () => {
    const one = { evacuation_id: "e", zone_id: "a" } as Evacuation;
    const found = together([one, { ...one, zone_id: "b" }, { ...one, evacuation_id: "f" }]);
    expect([...found].map(([id, entries]) => [id, entries.length])).toEqual([
      ["e", 2],
      ["f", 1],
    ]);
  });
});
