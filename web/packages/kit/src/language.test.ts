import { beforeAll, describe, expect, it } from "vitest";
import { choose, direction, isolated, knows, language, named, number, say, speak, time, timeZone } from "./language.ts";

const CATALOGUES: Record<string, Record<string, string>> = {
  en: { "n|one": "{count} scan", "n|other": "{count} scans", hello: "Hello {name}" },
  fr: { "n|one": "{count} contrôle", "n|other": "{count} contrôles", hello: "Bonjour {name}" },
  vi: { "n|other": "{count} lượt quét", hello: "Xin chào {name}" },
};

beforeAll(() => speak(async (chosen) => CATALOGUES[chosen] ?? {}));

describe("words", () => {
  it("are in the language chosen, and the page says which", async () => {
    await choose("vi");
    expect(say("hello", { name: "Lan" })).toBe("Xin chào Lan");
    expect([language.value, document.documentElement.lang, direction.value]).toEqual(["vi", "vi", "ltr"]);
  });

  it("count as the language counts", async () => {
    await choose("en");
    expect([say("n", { count: 1 }), say("n", { count: 1234 })]).toEqual(["1 scan", "1,234 scans"]);
    await choose("fr");
    expect([say("n", { count: 0 }), say("n", { count: 2 })]).toEqual(["0 contrôle", "2 contrôles"]);
    await choose("vi");
    expect(say("n", { count: 1 })).toBe("1 lượt quét");
  });

  it("that data brings in are put in as they are: no pattern of theirs is filled in", async () => {
    await choose("en");
    expect(say("hello", { name: "$& {count} <b>" })).toBe("Hello $& {count} <b>");
  });

  it("that nobody wrote are their key, and can be asked for", () => {
    expect([say("reason.of_tomorrow"), knows("reason.of_tomorrow"), knows("hello")]).toEqual([
      "reason.of_tomorrow",
      false,
      true,
    ]);
  });
});

describe("names", () => {
  it("are in the reader's language, or in any", async () => {
    await choose("fr");
    expect(named({ en: "Hall", fr: "Salle" })).toBe("Salle");
    expect(named({ vi: "Hội trường" })).toBe("Hội trường");
    expect(named({}, "pln")).toBe("pln");
  });

  it("turn no sentence of ours around", () => {
    expect(isolated("\u202eevil")).toBe("\u2068\u202eevil\u2069");
  });
});

describe("figures", () => {
  it("are written as the language writes them, times as the venue's clock shows them", async () => {
    await choose("en");
    timeZone.value = "Asia/Ho_Chi_Minh";
    expect(number(1234567)).toBe("1,234,567");
    expect(time("2025-10-25T01:30:00Z")).toBe("08:30");
  });
});
