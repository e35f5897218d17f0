import { afterEach, describe, expect, it, vi } from "vitest";
import { actionsOn } from "./parts/badge-actions.tsx";
import { days, isBadge, statusAfter, until, wholeId } from "./parts/path.ts";
import { askNames, type Scan, short } from "./people.ts";

const ID = "018f0000-0000-7000-8000-0000000000a1";

function scan(at: string, outcome: Scan["outcome"], zone_id = "pln", more: Partial<Scan> = {}): Scan {
  const direction = outcome === "exited" ? "out" : "in";
  return { at, gate_id: "g", zone_id, direction, outcome, reason: null, scan_id: at, undone: false, ...more };
}

describe("a path", () => {
  const path = [
    scan("2025-10-25T01:00:00Z", "admitted", "per"),
    scan("2025-10-25T01:10:00Z", "admitted"),
    scan("2025-10-25T01:40:00Z", "exited"),
    scan("2025-10-26T02:00:59Z", "refused"),
  ];

  it("is told by day, and says how long somebody stayed where they left again", () => {
    const told = days(path);
    expect(told.map((day) => day.steps.length)).toEqual([3, 1]);
    expect(told[0]?.steps.map((step) => step.stayed)).toEqual([null, 1800, null]);
  });

  it("counts no stay that did not begin or did not end", () => {
    const turned = [scan("2025-10-25T01:00:00Z", "admitted", "pln", { undone: true }), path[2] as Scan];
    expect(days(turned)[0]?.steps[0]?.stayed).toBeNull();
    const stays = [path[1] as Scan, scan("2025-10-25T01:20:00Z", "exited", "pln", { undone: true })];
    expect(days(stays)[0]?.steps[0]?.stayed).toBeNull();
  });

  it("of a past minute ends with that minute, the whole of it", () => {
    expect(until(path, "2025-10-25T01:10:00Z")).toHaveLength(2);
    expect(until(path, "2025-10-25T01:09:59Z")).toHaveLength(1);
    expect(until(path, "2025-10-26T02:00:00Z")).toHaveLength(4);
    expect(until(path, null)).toHaveLength(4);
  });
});

describe("what somebody typed", () => {
  it("is a person's id with or without dashes, and nothing shorter", () => {
    expect(wholeId(` ${ID.toUpperCase()} `)).toBe(ID);
    expect(wholeId(ID.replaceAll("-", ""))).toBe(ID);
    for (const text of ["", ID.slice(1), `${ID}0`, "../../etc", "nguyen"]) expect(wholeId(text)).toBeNull();
  });

  it("may be a badge from eight digits on", () => {
    for (const text of ["018f0000", ID, "018F-0000"]) expect(isBadge(text)).toBe(true);
    for (const text of ["018f000", "018f000g", `${ID}0`, "--------"]) expect(isBadge(text)).toBe(false);
  });
});

describe("a badge", () => {
  const all = { suspend: true, revoke: true };

  it("may be suspended or reinstated, never both, and revoked once", () => {
    expect(actionsOn("active", all)).toEqual(["suspension", "revocation"]);
    expect(actionsOn("suspended", all)).toEqual(["reinstatement", "revocation"]);
    expect(actionsOn("revoked", all)).toEqual([]);
  });

  it("is left alone by those who may not", () => {
    expect(actionsOn("active", { suspend: false, revoke: false })).toEqual([]);
    expect(actionsOn("suspended", { suspend: false, revoke: true })).toEqual(["revocation"]);
  });

  it("stands as the answer to a command says", () => {
    expect(statusAfter({ holding: "active", suspended: false, revoked: false })).toBe("active");
    expect(statusAfter({ holding: "active", suspended: true, revoked: false })).toBe("suspended");
    expect(statusAfter({ holding: "lost", suspended: true, revoked: true })).toBe("revoked");
    expect(statusAfter({ holding: "issued", suspended: false, revoked: false })).toBe("awaiting");
  });

  it("is told from another by its end", () => {
    expect(short(ID)).toBe("…0000a1");
  });
});

describe("names", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("are asked for fifty at a time, for the page that shows them", async () => {
    const asked: { person_ids: string[]; purpose: string }[] = [];
    vi.stubGlobal("fetch", async (_: string, request: RequestInit) => {
      const body = JSON.parse(String(request.body));
      asked.push(body);
      const people = body.person_ids.slice(1).map((person_id: string) => ({ person_id, name: `N ${person_id}` }));
      return new Response(JSON.stringify(people), { headers: { "Content-Type": "application/json" } });
    });
    const found = await askNames(
      Array.from({ length: 120 }, (_, place) => `p${place}`),
      "zones",
    );
    expect(asked.map((one) => [one.person_ids.length, one.purpose])).toEqual([
      [50, "zones"],
      [50, "zones"],
      [20, "zones"],
    ]);
    expect(found.size).toBe(117);
    expect(found.get("p1")?.name).toBe("N p1");
    expect(found.has("p0")).toBe(false);
  });
});
