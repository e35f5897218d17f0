import { timeZone } from "@placet/kit/language.ts";
import { afterEach, describe, expect, it } from "vitest";
import { along, hours, iso, type Mark, minuteOf, neighbour, span, stepped } from "./timeline.ts";

const DAY = { from: "2025-10-25T00:10:40+00:00", to: "2025-10-25T05:30:20+00:00" };
const WHOLE = span(DAY, null);
const at = (clock: string) => minuteOf(`2025-10-25T${clock}:00Z`);

afterEach(() => {
  timeZone.value = "UTC";
});

describe("the line of minutes", () => {
  it("goes from the first minute to the current one", () => {
    expect([iso(WHOLE.first), iso(WHOLE.last)]).toEqual(["2025-10-25T00:10:00.000Z", "2025-10-25T05:30:00.000Z"]);
    expect(span(DAY, "2025-10-25T05:42:59+00:00").last).toBe(at("05:42"));
    expect(span(DAY, "2025-10-25T04:00:00+00:00").last).toBe(at("05:30"));
  });

  it("is a point before anything happened", () => {
    const point = span({ from: DAY.from, to: DAY.from }, null);
    expect([point.first, along(point, point.first)]).toEqual([point.last, 1]);
  });

  it("has a place for each minute, and none beyond its ends", () => {
    expect([along(WHOLE, WHOLE.first), along(WHOLE, WHOLE.last), along(WHOLE, at("02:50"))]).toEqual([0, 1, 0.5]);
    expect([along(WHOLE, WHOLE.first - 9), along(WHOLE, WHOLE.last + 9)]).toEqual([0, 1]);
  });
});

describe("keys", () => {
  it("step a minute, a quarter of an hour, or to an end", () => {
    const from = at("02:00");
    const to = (key: string) => iso(stepped(WHOLE, from, key) ?? 0).slice(11, 16);
    expect(["ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"].map(to)).toEqual(["02:01", "02:01", "01:59", "01:59"]);
    expect(["PageUp", "PageDown", "Home", "End"].map(to)).toEqual(["02:15", "01:45", "00:10", "05:30"]);
  });

  it("stay within the day, and leave other keys alone", () => {
    expect(stepped(WHOLE, WHOLE.last - 3, "PageUp")).toBe(WHOLE.last);
    expect(stepped(WHOLE, WHOLE.first, "ArrowLeft")).toBe(WHOLE.first);
    expect(stepped(WHOLE, WHOLE.first, "Tab")).toBeNull();
  });
});

describe("marks", () => {
  const marks = ["01:00", "02:00", "02:00", "03:00"].map((clock) => ({ at: `2025-10-25T${clock}:59Z` }) as Mark);

  it("lead to the nearest on either side, never to where one is", () => {
    expect([neighbour(marks, at("02:00"), -1), neighbour(marks, at("02:00"), 1)]).toEqual([at("01:00"), at("03:00")]);
    expect([neighbour(marks, at("01:00"), -1), neighbour(marks, at("03:00"), 1)]).toEqual([null, null]);
    expect(neighbour([], at("01:00"), 1)).toBeNull();
  });
});

describe("hours below the line", () => {
  it("are a handful of whole ones", () => {
    expect(hours(WHOLE).map(iso)).toEqual(
      ["01", "02", "03", "04", "05"].map((hour) => `2025-10-25T${hour}:00:00.000Z`),
    );
    const days = span({ from: DAY.from, to: "2025-10-28T00:00:00Z" }, null);
    expect(hours(days).length).toBeLessThanOrEqual(8);
  });

  it("are whole where the venue is, even half an hour from everybody else", () => {
    timeZone.value = "Asia/Kolkata";
    expect(hours(WHOLE).map((one) => iso(one).slice(14, 16))).toEqual(["30", "30", "30", "30", "30", "30"]);
  });
});
