// Zones as bars: how many people are inside, how many it holds, and what is in force there.

import { byId, element, icon, List, mark, write } from "./elements.js";

// What must be said of a zone, the gravest first.
export function conditions(zone) {
  const found = [];
  if (zone.evacuation !== null) found.push("evacuation");
  else if (zone.evacuated) found.push("evacuated");
  if (zone.lockdown !== null) found.push("lockdown");
  else if (zone.locked) found.push("locked");
  if (zone.full) found.push("full");
  else if (zone.nearly_full) found.push("nearly");
  return found;
}

const WORD = { evacuated: "evacuation", nearly: "nearlyFull" }; // the others are called as they are
const ICON = { evacuated: "evacuation", locked: "lockdown" };

export class Zones {
  constructor() {
    this.list = new List(byId("zones"), () => this.make(), (row, zone) => this.update(row, zone));
  }

  show(zones, words) {
    this.words = words;
    this.list.show(zones, (zone) => zone.zone_id);
  }

  make() {
    const name = element("span", { class: "name", dir: "auto" });
    const chips = element("span", { class: "chips" });
    const count = element("b");
    const capacity = element("span", { class: "capacity" });
    const fill = element("span", { class: "fill" });
    const bar = element("span", { class: "bar", role: "meter", "aria-valuemin": "0" }, fill);
    const head = element("span", { class: "head" }, name, element("span", { class: "people" }, count, capacity));
    const foot = element("span", { class: "foot" }, chips, bar);
    return { item: element("li", { class: "zone" }, head, foot), name, chips, count, capacity, bar, fill };
  }

  update(row, zone) {
    const { words } = this;
    const name = words.name(zone);
    const found = conditions(zone);
    mark(row.item, "data-zone", zone.zone_id);
    mark(row.item, "data-depth", String(Math.min(zone.depth, 3)));
    mark(row.item, "data-condition", found.join(" "));
    write(row.name, name);
    mark(row.name, "title", name);
    write(row.count, words.number(zone.count));
    write(row.capacity, zone.capacity === null ? "" : ` / ${words.number(zone.capacity)}`);
    this.chips(row, found);
    row.bar.hidden = zone.capacity === null;
    if (zone.capacity !== null) this.fill(row, zone, name);
  }

  fill(row, zone, name) {
    mark(row.bar, "aria-label", name);
    mark(row.bar, "aria-valuemax", String(zone.capacity));
    mark(row.bar, "aria-valuenow", String(Math.min(zone.count, zone.capacity)));
    mark(row.bar, "aria-valuetext", this.words.say("ofCapacity", zone));
    row.fill.style.inlineSize = `${Math.min(100, (100 * zone.count) / zone.capacity).toFixed(1)}%`;
  }

  chips(row, found) {
    const told = `${this.words.language} ${found.join(" ")}`;
    if (row.told === told) return;
    row.told = told;
    row.chips.replaceChildren(
      ...found.map((one) => element("span", { class: `chip ${one}` }, icon(ICON[one] ?? one), this.words.say(WORD[one] ?? one))),
    );
  }
}
