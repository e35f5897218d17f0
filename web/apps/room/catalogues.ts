// Fails the build where a language lacks a word that English has, or has one that English lacks, or fills in others.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

type Catalogue = Record<string, string>;

export function wholeCatalogues(folder: string): Plugin {
  return {
    name: "whole-catalogues",
    buildStart() {
      const found = faults(folder);
      if (found.length) this.error(`Catalogues are not whole:\n${found.join("\n")}`);
    },
  };
}

/** What is wrong with the catalogues of a folder, a line each. */
export function faults(folder: string): string[] {
  const read = (file: string): Catalogue => JSON.parse(readFileSync(join(folder, file), "utf8"));
  const english = read("en.json");
  const others = readdirSync(folder).filter((file) => file.endsWith(".json") && file !== "en.json");
  return others.flatMap((file) => compare(file, english, read(file)));
}

function compare(file: string, english: Catalogue, other: Catalogue): string[] {
  const said = (key: string) => key in other || pluralOf(key, other);
  const missing = Object.keys(english).filter((key) => !said(key));
  const unknown = Object.keys(other).filter((key) => !(key in english) && !pluralOf(key, english));
  const empty = Object.keys(other).filter((key) => !other[key]?.trim());
  const otherwise = Object.keys(english).filter((key) => key in other && holes(english[key]) !== holes(other[key]));
  return [
    ...missing.map((key) => `${file}: ${key} is missing`),
    ...unknown.map((key) => `${file}: ${key} is not in en.json`),
    ...empty.map((key) => `${file}: ${key} is empty`),
    ...otherwise.map((key) => `${file}: ${key} fills in ${holes(other[key])} instead of ${holes(english[key])}`),
  ];
}

// `key|one` may be missing where a language has no such form, as long as there is `key|other`.
function pluralOf(key: string, catalogue: Catalogue): boolean {
  const [stem, form] = key.split("|");
  return form !== undefined && `${stem}|other` in catalogue;
}

function holes(text = ""): string {
  return [...new Set(text.match(/\{\w+\}/g))].sort().join(" ");
}
