// The dashboard: shows each picture that comes, and says how much it can be believed.

import { Announcer } from "./announcer.js";
import { Attention, concerns, minutesQuiet } from "./attention.js";
import { Chart } from "./chart.js";
import { byId, element, icon, List, mark, write } from "./elements.js";
import { Stream } from "./stream.js";
import { LANGUAGES, Words } from "./words.js";
import { Zones } from "./zones.js";

const DOUBTFUL = new Set(["silent", "stopped"]);

const zones = new Zones();
const chart = new Chart();
const attention = new Attention();
const announcer = new Announcer();
const refusals = new List(byId("refusals"), makeRefusal, showRefusal);
const gates = new List(byId("gates"), makeGate, showGate);
const sources = new List(byId("sources"), makeSource, showSource);
const stream = new Stream(show, showLink);

let words = new Words(preferred());
let ahead = 0; // the gathering's clock less this machine's, in milliseconds
let link = { state: "connecting" };
let known = null; // concerns that were said already

function preferred() {
  const asked = [new URLSearchParams(location.search).get("lang"), remembered(), ...navigator.languages];
  return asked.map((language) => language?.slice(0, 2)).find((language) => LANGUAGES.includes(language)) ?? "en";
}

// A screen may be set up to keep nothing: then it asks again each time, and works all the same.
function remembered(language) {
  try {
    if (language) localStorage.setItem("language", language);
    return localStorage.getItem("language");
  } catch {
    return null;
  }
}

function translate() {
  document.documentElement.lang = words.language;
  document.title = `Placet · ${words.say("title")}`;
  byId("language").value = words.language;
  for (const node of document.querySelectorAll("[data-word]")) write(node, words.say(node.dataset.word));
}

function show(picture) {
  ahead = new Date(picture.clock.now) - Date.now();
  write(byId("event"), picture.event ?? "");
  byId("simulated").hidden = !picture.clock.simulated;
  showFigures(picture);
  zones.show(picture.zones, words);
  showPolicy(picture.venues);
  chart.show(picture.scans.last_hour, words);
  refusals.show(picture.refusals, (one) => one.reason);
  byId("refusals-none").hidden = picture.refusals.length > 0;
  gates.show(picture.gates, (gate) => gate.gate_id);
  write(byId("notices-sent"), words.number(picture.notices.sent));
  write(byId("notices-failed"), words.number(picture.notices.failed));
  mark(byId("notices-failed"), "data-any", String(picture.notices.failed > 0));
  sources.show(picture.sources, (one) => one.source);
  doubt(picture.sources);
  showConcerns(picture);
  showClock();
}

function showFigures({ delegations, nominations, badges, people, scans, zones: all }) {
  figure("delegations", "confirmed", delegations.states.confirmed, words.say("delegationsOf", delegations.states));
  write(byId("delegations-detail"), words.say("delegationsDetail", { ...delegations.others, ...nominations }));
  figure("badges", "active", badges.active, words.say("badgesOf", badges));
  write(byId("badges-detail"), words.say("badgesDetail", badges));
  const outermost = all.filter((zone) => zone.depth === 0 && zone.capacity !== null);
  const capacity = outermost.reduce((sum, zone) => sum + zone.capacity, 0);
  figure("people", "inside", people.inside, capacity ? words.say("peopleOf", { capacity }) : "");
  write(byId("people-detail"), words.say("peopleDetail"));
  const { admitted, refused, exited } = scans.last_minute;
  figure("scans", "last-minute", admitted + refused + exited, words.say("scansOf", { refused }));
  write(byId("scans-detail"), words.say("scansDetail", scans));
}

function showPolicy(venues) {
  const applied = venues.filter((venue) => venue.policy_version !== null);
  write(byId("policy"), applied.map((venue) => words.say("policy", { version: String(venue.policy_version) })).join(" · "));
}

function figure(part, name, value, of) {
  write(byId(`${part}-${name}`), words.number(value));
  write(byId(`${part}-of`), of);
}

function makeRefusal() {
  const [label, code, hour, all] = [element("span"), element("code"), element("td"), element("td")];
  return { item: element("tr", {}, element("th", { scope: "row" }, label, " ", code), hour, all), label, code, hour, all };
}

function showRefusal(row, refusal) {
  mark(row.item, "data-reason", refusal.reason);
  write(row.label, words.reason(refusal.reason));
  write(row.code, refusal.reason);
  write(row.hour, words.number(refusal.last_hour));
  write(row.all, words.number(refusal.total));
}

function makeGate() {
  const name = element("span", { class: "name", dir: "auto" });
  const [minutes, seen] = [element("span"), element("time")];
  const chip = element("span", { class: "chip quiet" }, icon("quiet"), minutes);
  return { item: element("li", { class: "gate" }, name, chip, seen), name, chip, minutes, seen };
}

function showGate(row, gate) {
  mark(row.item, "data-gate", gate.gate_id);
  mark(row.item, "data-silent", String(gate.silent));
  write(row.name, gate.name);
  mark(row.name, "title", gate.name);
  row.chip.hidden = !gate.silent;
  row.seen.hidden = gate.silent;
  if (gate.silent) write(row.minutes, words.say("quiet", { minutes: minutesQuiet(gate, stream.picture) }));
  const at = gate.last_scan_at;
  write(row.seen, gate.state === "open" ? lastScan(at) : words.gateState(gate.state));
  if (at !== null) mark(row.seen, "datetime", at);
}

function lastScan(at) {
  return at === null ? words.say("noScan") : words.since(new Date(at), new Date(stream.picture.clock.now));
}

function makeSource() {
  const [name, state, number] = [element("b"), element("span", { class: "state" }), element("span", { class: "number" })];
  return { item: element("li", {}, name, number, state), name, state, number };
}

function showSource(row, source) {
  mark(row.item, "data-state", source.state);
  write(row.name, words.say(source.source));
  write(row.state, words.sourceState(source.state));
  write(row.number, words.say("sourceNumber", source));
}

// What comes from a source that nothing is heard of is shown as what it is: the last that was known.
function doubt(all) {
  const doubtful = new Set(all.filter((one) => DOUBTFUL.has(one.state)).map((one) => one.source));
  for (const node of document.querySelectorAll("[data-source]")) {
    mark(node, "data-doubtful", String(doubtful.has(node.dataset.source)));
  }
}

function showConcerns(picture) {
  const found = concerns(picture, words);
  attention.show(found, words);
  // What changes by itself (a count, minutes) is no news: a concern is new when its kind and place are.
  const names = found.map(({ kind, text }) => `${kind} ${text.replace(/[\d\s.,\u202f]+/g, "")}`);
  if (known !== null) found.filter((_, place) => !known.has(names[place])).forEach(({ text }) => announcer.say(text));
  known = new Set(names);
}

function showClock() {
  const { picture } = stream;
  if (!picture) return;
  const { simulated, time_zone: timeZone } = picture.clock;
  // Real time goes on by itself; a simulated clock stands where the last message left it.
  const now = simulated ? new Date(picture.clock.now) : new Date(Date.now() + ahead);
  write(byId("clock"), words.clock(now, timeZone));
  write(byId("date"), words.date(now, timeZone));
}

function showLink(next) {
  const before = link.state;
  link = next;
  const time = next.since ? words.clock(next.since) : "";
  const text = { connecting: words.say("connecting"), live: words.say("live"), stale: words.say("stale", { time }) }[next.state];
  mark(byId("link"), "data-state", next.state);
  mark(document.body, "data-link", next.state);
  write(byId("link-text"), text);
  const why = next.why === "unreachable" && !next.since ? "nothingYet" : next.why;
  byId("banner").hidden = !why;
  if (why) write(byId("banner"), words.say(why, { time }));
  if (before === "live" && next.state === "stale") announcer.say(text);
  if (before === "stale" && next.state === "live") announcer.say(words.say("backAgain"));
}

byId("language").addEventListener("change", (event) => {
  remembered(event.target.value);
  words = new Words(event.target.value);
  known = null;
  translate();
  if (stream.picture) show(stream.picture);
  showLink(link);
});

translate();
stream.open();
setInterval(() => {
  showClock();
  stream.look();
}, 500);
