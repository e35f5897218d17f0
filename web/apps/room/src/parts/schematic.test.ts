import { describe, expect, it } from "vitest";
import type { Zone } from "../picture.ts";
import { type Area, areas } from "./schematic.ts";

function zone(zone_id: string, depth: number, capacity: number | null, count = 0): Zone {
  return {
    zone_id,
    depth,
    capacity,
    count,
    order: 0,
    names: { en: zone_id, fr: zone_id, vi: zone_id },
    zone_class: "open",
    full: false,
    nearly_full: false,
    lockdown: null,
    evacuation: null,
    locked: false,
    evacuated: false,
    uncertain: null,
  };
}

const VENUE = [
  zone("grounds", 0, 4500),
  zone("plenary", 1, 2000),
  zone("stage", 2, 40),
  zone("press", 2, 120),
  zone("exhibition", 1, 1200),
  zone("lounge", 1, 20),
  zone("medical", 1, null),
];
const laid = areas(VENUE, 800, 600, 20, 4);
const found = (id: string): Area => {
  const area = laid.find((one) => one.zone.zone_id === id);
  if (!area) throw new Error(id);
  return area;
};
const isWithin = (inner: Area, outer: Area) =>
  inner.left >= outer.left &&
  inner.top >= outer.top &&
  inner.left + inner.width <= outer.left + outer.width + 1e-9 &&
  inner.top + inner.height <= outer.top + outer.height + 1e-9;
const meet = (one: Area, other: Area) =>
  one.left < other.left + other.width &&
  other.left < one.left + one.width &&
  one.top < other.top + other.height &&
  other.top < one.top + one.height;

describe("the schematic", () => {
  it("has every zone once, within the one around it", () => {
    expect(laid.map((area) => area.zone.zone_id).sort()).toEqual(VENUE.map((one) => one.zone_id).sort());
    for (const area of laid) if (area.zone.depth) expect(isWithin(area, found("grounds"))).toBe(true);
    for (const id of ["stage", "press"]) expect(isWithin(found(id), found("plenary"))).toBe(true);
  });

  it("draws none over its neighbour", () => {
    const rooms = laid.filter((area) => area.zone.depth === 1);
    for (const one of rooms) for (const other of rooms) expect(one !== other && meet(one, other)).toBe(false);
  });

  it("draws what holds more larger, and nothing too small to read", () => {
    const size = ({ width, height }: Area) => width * height;
    expect(size(found("plenary"))).toBeGreaterThan(size(found("exhibition")));
    expect(size(found("exhibition"))).toBeGreaterThan(size(found("lounge")));
    expect(size(found("lounge"))).toBeGreaterThan(0.02);
  });

  it("stays where it is when people move", () => {
    const busy = VENUE.map((one) => ({ ...one, count: 17 }));
    expect(areas(busy, 800, 600, 20, 4).map(({ zone: _, ...place }) => place)).toEqual(
      laid.map(({ zone: _, ...place }) => place),
    );
  });

  it("is empty where there is no ground or no zone", () => {
    expect([areas([], 800, 600, 20, 4), areas(VENUE, 0, 600, 20, 4)]).toEqual([[], []]);
  });
});
