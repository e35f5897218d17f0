import { describe, expect, it } from "vitest";
import { changed } from "./live.ts";

const KEYED = { zones: "zone_id" };
const before = {
  people: { inside: 3 },
  zones: [
    { zone_id: "per", order: 0, count: 3 },
    { zone_id: "pln", order: 2, count: 1 },
  ],
};

describe("a picture after a delta", () => {
  it("has what changed of an entry over what did not, and entries that did not", () => {
    const after = changed(before, { zones: [{ zone_id: "pln", count: 2 }] }, KEYED);
    expect(after).toEqual({ ...before, zones: [before.zones[0], { zone_id: "pln", order: 2, count: 2 }] });
  });

  it("has new entries where their order says", () => {
    const after = changed(before, { zones: [{ zone_id: "exh", order: 1, count: 0 }] }, KEYED);
    expect((after.zones as { zone_id: string }[]).map((zone) => zone.zone_id)).toEqual(["per", "exh", "pln"]);
  });

  it("has other parts as a whole", () => {
    expect(changed(before, { people: { inside: 4 } }, KEYED)).toEqual({ ...before, people: { inside: 4 } });
  });

  it("takes a part it did not have as it comes", () => {
    expect(changed({}, before, KEYED)).toEqual(before);
  });

  it("leaves the picture before it as it was", () => {
    const kept = structuredClone(before);
    changed(before, { zones: [{ zone_id: "pln", count: 9 }] }, KEYED);
    expect(before).toEqual(kept);
  });
});
