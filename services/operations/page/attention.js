// What somebody should look at now, a sentence each, the gravest first. The same sentences are read out when they come.

import { byId, element, icon } from "./elements.js";
import { spoken } from "./words.js";
import { conditions } from "./zones.js";

const MOST = 8;

export function concerns(picture, words) {
  const about = (zone, word, more = {}) => words.say(word, { ...zone, ...more, zone: isolated(words.name(zone)) });
  const inZones = (condition, told) =>
    picture.zones
      .filter((zone) => conditions(zone).includes(condition))
      .map((zone) => ({ kind: condition, text: told(zone) }));
  return [
    ...inZones("evacuation", (zone) => about(zone, "zoneEvacuation", { reason: spoken(zone.evacuation) })),
    ...inZones("lockdown", (zone) => about(zone, "zoneLockdown", { reason: spoken(zone.lockdown) })),
    ...ofThreats(picture.venues, words),
    ...ofSources(picture.sources, words),
    ...inZones("full", (zone) => about(zone, "zoneFull")),
    ...inZones("nearly", (zone) => about(zone, zone.capacity === null ? "zoneNearlyFullCount" : "zoneNearlyFull")),
    ...ofNotices(picture.notices, words),
    ...ofGates(picture, words),
  ];
}

function ofThreats(venues, words) {
  return venues
    .filter((venue) => venue.threat_level > 0)
    .map((venue) => {
      const values = { level: venue.threat_level, venue: venue.venue_id, reason: spoken(venue.threat_reason) };
      return { kind: "threat", text: words.say("threatLevel", values) };
    });
}

function ofSources(sources, words) {
  const words_of = { silent: "sourceSilent", stopped: "sourceStopped", behind: "sourceBehind" };
  return sources.flatMap((one) => {
    const values = { ...one, source: words.say(one.source) };
    const found = words_of[one.state] ? [{ kind: "source", text: words.say(words_of[one.state], values) }] : [];
    if (one.complaint === "dead_letters") found.push({ kind: "source", text: words.say("sourceParked", values) });
    return found;
  });
}

function ofNotices(notices, words) {
  return notices.failed ? [{ kind: "notice", text: words.say("noticesFailed", { count: notices.failed }) }] : [];
}

function ofGates(picture, words) {
  // The door of a room is quiet whenever nothing begins or ends there; an entrance from outside is not.
  const quiet = picture.gates.filter((gate) => gate.silent && gate.from_zone_id === null);
  if (!quiet.length) return [];
  const longest = quiet.reduce((one, other) => (one.last_scan_at <= other.last_scan_at ? one : other));
  const values = { gate: isolated(longest.name), count: quiet.length, minutes: minutesQuiet(longest, picture) };
  return [{ kind: "quiet", text: words.say(quiet.length === 1 ? "gateQuiet" : "gatesQuiet", values) }];
}

export function minutesQuiet(gate, picture) {
  return Math.floor((new Date(picture.clock.now) - new Date(gate.last_scan_at)) / 60_000);
}

// A name within a sentence of ours must not turn the sentence around.
const isolated = (name) => `\u2068${name}\u2069`;

export class Attention {
  constructor() {
    this.told = "";
  }

  show(found, words) {
    const told = JSON.stringify([words.language, found]);
    if (told === this.told) return;
    this.told = told;
    const items = found.slice(0, MOST).map(({ kind, text }) => {
      return element("li", { class: `concern ${kind}` }, icon(kind), element("span", { title: text }, text));
    });
    if (found.length > MOST) items.push(element("li", { class: "more" }, words.say("more", { count: found.length - MOST })));
    if (!items.length) items.push(element("li", { class: "fine" }, icon("fine"), words.say("allFine")));
    byId("attention").replaceChildren(...items);
  }
}
