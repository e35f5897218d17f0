import { describe, expect, it } from "vitest";
import { careOf, type DeadLetter, type HouseRecord, parked, type ServiceRecord } from "./record.ts";

const letter = (number: number, about: string, reader = "access", source = "accreditation"): DeadLetter => ({
  ...{ number, about, reader, source, type: "BadgeIssued", error: "ValueError", parked_at: "2025-10-25T00:00:00Z" },
});

const told = (service: ServiceRecord["service"], dead_letters: DeadLetter[] | null): ServiceRecord => ({
  ...{ service, state: "up", degraded: [], log: null, consumers: [], dead_letters },
});

describe("dead letters", () => {
  it("of one entity are one, in order, however many readers wait", () => {
    const letters = [letter(9, "badge-1"), letter(4, "badge-1"), letter(4, "badge-1", "notices"), letter(5, "badge-2")];
    const house: HouseRecord = { services: [told("access", letters), told("notifications", null)], rebuilds: [] };
    const found = parked(house);
    expect(found.map((one) => [one.about, one.letters.map((each) => each.number), one.readers])).toEqual([
      ["badge-1", [4, 9], ["access", "notices"]],
      ["badge-2", [5], ["access"]],
    ]);
  });

  it("are looked after where they lie", () => {
    expect(careOf("operations", "retry")).toBe("/v1/dead-letters/retry");
    expect(careOf("access", "discard")).toBe("/v1/via/access/dead-letters/discard");
  });
});
