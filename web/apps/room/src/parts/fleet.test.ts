import { describe, expect, it } from "vitest";
import type { Device, Gate } from "../picture.ts";
import { fleet, isMeant, isRefusingMuch, refusalShare, troubles, wantsAttention } from "./fleet.ts";

function device(more: Partial<Device> = {}): Device {
  return {
    device_id: "d",
    order: 0,
    gate_id: "g",
    heard_at: null,
    battery: 0.8,
    queue: 0,
    skew_s: 0,
    policy_version: 1,
    revocation_version: 1,
    software: "1.0",
    silent: false,
    clock_suspected: false,
    cut_off: false,
    behind: [],
    ...more,
  };
}

function gate(more: Partial<Gate> = {}): Gate {
  return {
    gate_id: "n-1",
    order: 0,
    name: "Cổng Bắc 1",
    from_zone_id: null,
    to_zone_id: "per",
    last_scan_at: null,
    heard_at: null,
    state: "open",
    silent: false,
    devices: 1,
    silent_devices: 0,
    minutes: [],
    admitted_hour: 0,
    refused_hour: 0,
    verdict_ms: null,
    ...more,
  };
}

describe("a scanner", () => {
  it("that is well has no trouble", () => {
    expect(troubles(device())).toEqual([]);
    expect(troubles(device({ battery: null, skew_s: null, queue: 9 }))).toEqual([]);
  });

  it("says all its troubles, the gravest first", () => {
    const all = {
      silent: true,
      clock_suspected: true,
      battery: 0.2,
      queue: 10,
      behind: ["policy", "revocations"],
    } as const;
    expect(troubles(device({ ...all, behind: [...all.behind] }))).toEqual([
      "silent",
      "revocations",
      "policy",
      "clock",
      "queue",
      "battery",
    ]);
  });

  it("that was cut off is nobody's worry, and is not counted", () => {
    const cut = device({ cut_off: true, silent: true, battery: 0, behind: ["policy"], queue: 50 });
    expect(troubles(cut)).toEqual([]);
    expect(fleet([cut])).toEqual({ devices: 0, silent: 0, behind: 0, queued: 0, low: 0 });
  });

  it("is counted once, however much it lacks", () => {
    const behind = device({ behind: ["policy", "revocations"], queue: 3 });
    expect(fleet([behind, device({ silent: true, battery: 0.1, queue: 4 })])).toEqual({
      devices: 2,
      silent: 1,
      behind: 1,
      queued: 7,
      low: 1,
    });
  });
});

describe("a gate", () => {
  it("wants attention for itself or for a scanner of its own", () => {
    expect(wantsAttention(gate(), [device()])).toBe(false);
    expect(wantsAttention(gate(), [device({ behind: ["revocations"] })])).toBe(true);
    expect(wantsAttention(gate({ silent_devices: 1 }), [])).toBe(true);
    expect(wantsAttention(gate({ state: "out_of_service" }), [])).toBe(true);
    expect(wantsAttention(gate({ state: "closed" }), [])).toBe(false);
  });

  it("that is quiet matters where people come from outside", () => {
    expect(wantsAttention(gate({ silent: true }), [])).toBe(true);
    expect(wantsAttention(gate({ silent: true, from_zone_id: "per" }), [])).toBe(false);
  });

  it("refuses much only where enough came", () => {
    expect(refusalShare(gate())).toBeNull();
    expect(refusalShare(gate({ admitted_hour: 3, refused_hour: 1 }))).toBe(0.25);
    expect(isRefusingMuch(gate({ admitted_hour: 3, refused_hour: 1 }))).toBe(false);
    expect(isRefusingMuch(gate({ admitted_hour: 15, refused_hour: 5 }))).toBe(true);
    expect(isRefusingMuch(gate({ admitted_hour: 16, refused_hour: 4 }))).toBe(false);
  });

  it("is found by the beginnings of words, without accents, or by its id", () => {
    for (const wanted of ["", "bac", "cong b", "BẮC", "n-1", "1"]) expect(isMeant(gate(), wanted), wanted).toBe(true);
    for (const wanted of ["nam", "ong", "bac 2"]) expect(isMeant(gate(), wanted), wanted).toBe(false);
  });
});
