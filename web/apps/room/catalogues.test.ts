import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { faults } from "./catalogues.ts";

function folder(catalogues: Record<string, Record<string, string>>): string {
  const made = mkdtempSync(join(tmpdir(), "words-"));
  for (const [language, words] of Object.entries(catalogues))
    writeFileSync(join(made, `${language}.json`), JSON.stringify(words));
  return made;
}

describe("catalogues", () => {
  it("are whole in every language", () => {
    expect(faults(join(import.meta.dirname, "src/words"))).toEqual([]);
  });

  it("fail the build where a word is missing, unknown, empty, or fills in something else", () => {
    const made = folder({
      en: { a: "A", b: "B {count}", c: "C" },
      fr: { b: "B {number}", c: " ", d: "D" },
    });
    expect(faults(made)).toEqual([
      "fr.json: a is missing",
      "fr.json: d is not in en.json",
      "fr.json: c is empty",
      "fr.json: b fills in {number} instead of {count}",
    ]);
  });

  it("may lack a plural form that a language has not got", () => {
    expect(
      faults(folder({ en: { "n|one": "{count} scan", "n|other": "{count} scans" }, vi: { "n|other": "{count}" } })),
    ).toEqual([]);
  });
});
