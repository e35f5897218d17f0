import { timeZone } from "@placet/kit/language.ts";
import { afterEach, describe, expect, it } from "vitest";
import { heads } from "./parts/hand-count.tsx";
import { historyOf, type Occupancy, peak, rollOf, sampled } from "./zones.ts";

const START = Date.parse("2025-10-25T00:10:00Z");

function occupancy(counts: number[]): Occupancy {
  const minutes = counts.map((_, place) => new Date(START + place * 60_000).toISOString());
  return { zone_id: "pln", capacity: 100, minutes, counts };
}

afterEach(() => {
  timeZone.value = "UTC";
});

describe("the history of a zone", () => {
  it("is asked for up to now, or up to the minute looked at", () => {
    const now = new Date("2025-10-25T12:00:00Z");
    expect(historyOf("pln", 6, now, null)).toBe("/v1/zones/pln/history?since=2025-10-25T06%3A00%3A00.000Z");
    expect(historyOf("a/b", 24, now, "2025-10-25T10:00:00+07:00")).toBe(
      "/v1/zones/a%2Fb/history?since=2025-10-24T03%3A00%3A00.000Z&until=2025-10-25T03%3A00%3A00.000Z",
    );
    expect(rollOf("pln", null)).toBe("/v1/zones/pln/people");
    expect(rollOf("pln", "2025-10-25T10:00:00+07:00")).toBe("/v1/zones/pln/people?at=2025-10-25T03%3A00%3A00.000Z");
  });

  it("has its peak at the first minute of most people", () => {
    expect(peak(occupancy([1, 7, 3, 7]))).toEqual({ at: "2025-10-25T00:11:00.000Z", count: 7 });
    expect(peak(occupancy([]))).toBeNull();
    expect(peak(occupancy([-2, -1]))?.count).toBe(-1);
  });

  it("is a table of round times at the venue, and of the last minute", () => {
    timeZone.value = "Asia/Kathmandu"; // five hours and three quarters ahead
    const rows = sampled(occupancy(Array.from({ length: 100 }, (_, place) => place)));
    expect(rows.map((row) => row.at.slice(11, 16))).toEqual([
      "00:15",
      "00:30",
      "00:45",
      "01:00",
      "01:15",
      "01:30",
      "01:45",
      "01:49",
    ]);
    expect(rows.at(-1)?.count).toBe(99);
  });

  it("is never a table of hundreds of rows", () => {
    for (const minutes of [1, 361, 1441, 4321]) {
      const rows = sampled(occupancy(Array.from({ length: minutes }, () => 1)));
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.length).toBeLessThanOrEqual(32);
    }
  });
});

describe("a hand count", () => {
  it("is a whole number of heads that a venue can hold", () => {
    expect(["0", " 42 ", "1000000"].map(heads)).toEqual([0, 42, 1_000_000]);
    for (const typed of ["", "-1", "1.5", "1e3", "1000001", "99999999", "12a", "١٢"]) expect(heads(typed)).toBeNull();
  });
});
