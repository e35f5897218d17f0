// The wall: one screen that a duty officer can read from across the room.
import { dateTime, duration, isolated, knows, named, number, say, time } from "@placet/kit/language.ts";
import { announce } from "@placet/kit/ui/announcer.tsx";
import { Card } from "@placet/kit/ui/card.tsx";
import { Chip } from "@placet/kit/ui/chip.tsx";
import { Icon } from "@placet/kit/ui/icon.tsx";
import { Meter } from "@placet/kit/ui/meter.tsx";
import { Spark } from "@placet/kit/ui/spark.tsx";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { byUrgency, isOpen } from "../incidents.ts";
import { concerns, minutesQuiet } from "../parts/concerns.ts";
import { age, SeverityChip, titleOf } from "../parts/incident.tsx";
import { Minutes } from "../parts/minutes.tsx";
import { VenueMap } from "../parts/venue-map.tsx";
import type { DelegationFunnel, Gate, Picture, Source } from "../picture.ts";
import { isStale, lookedAt, picture, zone } from "../store.ts";
import "./overview.css";

const MOST_CONCERNS = 6;
const MOST_INCIDENTS = 6;
const MOST_GATES = 12;
const MOST_REFUSALS = 8;
const MOST_DELEGATIONS = 8;

export default function Overview() {
  const shown = picture.value;
  if (!shown) return <p role="status">{say("loading")}</p>;
  return (
    <div class="overview">
      <h1 class="unseen">{say("page.overview")}</h1>
      <Figures shown={shown} />
      <Card title={say("overview.zones")} class="map" aside={<Rules shown={shown} />}>
        <VenueMap zones={shown.zones} />
      </Card>
      <div class="side">
        <Attention shown={shown} />
        {shown.incidents && <Incidents incidents={shown.incidents} />}
        {shown.sessions && shown.sessions.length > 0 && <Sessions sessions={shown.sessions} />}
      </div>
      <div class="below">
        <Card title={say("overview.perMinute")} class={doubtful(shown, "access")}>
          <Minutes hour={shown.scans.last_hour} />
        </Card>
        <Card title={say("overview.gates")} class={doubtful(shown, "access")}>
          <Gates shown={shown} />
        </Card>
        <Card title={say("overview.refusals")} class={doubtful(shown, "access")}>
          <Refusals shown={shown} />
        </Card>
        {shown.funnel && shown.funnel.length > 0 && (
          <Card title={say("overview.funnel")} class={`wide ${doubtful(shown, "accreditation")}`}>
            <Funnel funnel={shown.funnel} />
          </Card>
        )}
        <Card title={say("overview.health")} class="last">
          <Health shown={shown} />
        </Card>
      </div>
    </div>
  );
}

// What comes from a source that nothing is heard of is shown as what it is: the last that was known.
function doubtful(shown: Picture, source: string): string {
  const state = shown.sources.find((one) => one.source === source)?.state;
  return state === "silent" || state === "stopped" ? "doubtful" : "";
}

interface FigureProps {
  id: string;
  title: string;
  value: number;
  of: ComponentChildren;
  detail: string;
  class: string;
}

function Figure({ id, title, value, of, detail, class: kind }: FigureProps) {
  return (
    <article class={`card figure ${kind}`} id={id}>
      <h2>{title}</h2>
      <p class={isStale.value ? "stale" : ""}>
        <strong>{number(value)}</strong> <span class="of">{of}</span>
      </p>
      <p class="detail soft">{detail}</p>
    </article>
  );
}

function Figures({ shown }: { shown: Picture }) {
  const { delegations, nominations, badges, people, scans } = shown;
  const capacity = shown.zones.reduce((sum, one) => sum + (one.depth === 0 ? (one.capacity ?? 0) : 0), 0);
  const minute = scans.last_minute;
  return (
    <section class="figures" aria-label={say("overview.figures")}>
      <Figure
        id="people-inside"
        title={say("overview.people")}
        value={people.inside}
        of={capacity ? say("overview.peopleOf", { capacity }) : ""}
        detail={say("overview.peopleDetail")}
        class={doubtful(shown, "access")}
      />
      <Figure
        id="scans-minute"
        title={say("overview.lastMinute")}
        value={minute.admitted + minute.refused + minute.exited}
        of={say("overview.scansOf", { refused: minute.refused })}
        detail={say("overview.scansDetail", { ...pick(scans, "total", "admitted", "exited", "refused") })}
        class={doubtful(shown, "access")}
      />
      <Figure
        id="delegations"
        title={say("overview.delegations")}
        value={delegations.states.confirmed}
        of={say("overview.delegationsOf", { invited: delegations.states.invited })}
        detail={say("overview.delegationsDetail", { ...delegations.others, ...nominations })}
        class={doubtful(shown, "accreditation")}
      />
      <Figure
        id="badges"
        title={say("overview.badges")}
        value={badges.active}
        of={say("overview.badgesOf", { issued: badges.issued })}
        detail={say("overview.badgesDetail", { ...badges })}
        class={doubtful(shown, "accreditation")}
      />
    </section>
  );
}

function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}

function Rules({ shown }: { shown: Picture }) {
  const applied = shown.venues.filter((venue) => venue.policy_version !== null);
  if (!applied.length) return null;
  return (
    <span class="soft">
      {applied.map((venue) => say("overview.policy", { version: String(venue.policy_version) })).join(" · ")}
    </span>
  );
}

function Attention({ shown }: { shown: Picture }) {
  const found = concerns(shown);
  const known = useRef<Set<string> | null>(null);
  const keys = found.map((one) => one.key).join("|");
  useEffect(() => {
    // What is there when somebody comes is read on the page; what comes later is said. Of the past nothing is said.
    if (known.current && !lookedAt.peek()) {
      for (const one of found) if (!known.current.has(one.key)) announce(one.text);
    }
    known.current = new Set(found.map((one) => one.key));
  }, [keys]);
  return (
    <Card title={say("overview.attention")} class="attention">
      <ul class="list" id="attention">
        {found.slice(0, MOST_CONCERNS).map(({ key, kind, tone, text, href }) => (
          <li key={key} class={`concern ${tone}`} data-concern={key}>
            <Icon name={kind} /> {href ? <a href={href}>{text}</a> : <span>{text}</span>}
          </li>
        ))}
        {found.length > MOST_CONCERNS && (
          <li class="soft">{say("overview.more", { count: found.length - MOST_CONCERNS })}</li>
        )}
        {!found.length && (
          <li class="all-fine">
            <Icon name="fine" /> {say("overview.allFine")}
          </li>
        )}
      </ul>
    </Card>
  );
}

function Incidents({ incidents }: { incidents: NonNullable<Picture["incidents"]> }) {
  const open = incidents.filter(isOpen).sort(byUrgency);
  return (
    <Card
      title={say("overview.incidents")}
      aside={<a href="/incidents">{say("overview.allIncidents", { count: open.length })}</a>}
    >
      <ul class="list" id="open-incidents">
        {open.slice(0, MOST_INCIDENTS).map((one) => (
          <li key={one.incident_id} class="incident" data-severity={one.severity}>
            <SeverityChip severity={one.severity} />
            <a href={`/incidents/${one.incident_id}`}>
              <bdi>{titleOf(one)}</bdi>
            </a>
            <span class="soft">{age(one.opened_at)}</span>
          </li>
        ))}
        {!open.length && (
          <li class="all-fine">
            <Icon name="fine" /> {say("overview.noIncidents")}
          </li>
        )}
      </ul>
    </Card>
  );
}

function Sessions({ sessions }: { sessions: Picture["sessions"] }) {
  const ordered = [...sessions].sort(
    (one, other) => one.starts_at.localeCompare(other.starts_at) || one.session_id.localeCompare(other.session_id),
  );
  return (
    <Card title={say("overview.sessions")}>
      <ul class="list sessions">
        {ordered.slice(0, 6).map((one) => {
          const room = zone(one.zone_id);
          return (
            <li key={one.session_id}>
              <span class="when">{time(one.starts_at)}</span>
              <span class="what">
                <bdi class="name" title={named(one.titles)}>
                  {named(one.titles, one.session_id)}
                </bdi>
                <span class="soft">
                  {room ? <bdi>{named(room.names, one.zone_id)}</bdi> : one.zone_id}
                  {room && one.state !== "upcoming" && ` · ${say("zone.people", { count: room.count })}`}
                </span>
              </span>
              <Chip kind={one.state === "upcoming" ? "plain" : "fine"}>{say(`session.${one.state}`)}</Chip>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

// Those that want a look first, then the busiest.
function Gates({ shown }: { shown: Picture }) {
  const rank = (gate: Gate) => (gate.silent_devices ? 0 : gate.silent && gate.from_zone_id === null ? 1 : 2);
  const busy = (gate: Gate) => gate.admitted_hour + gate.refused_hour;
  const ordered = [...shown.gates].sort(
    (one, other) => rank(one) - rank(other) || busy(other) - busy(one) || one.order - other.order,
  );
  return (
    <ul class="list gates">
      {ordered.slice(0, MOST_GATES).map((gate) => (
        <li key={gate.gate_id} data-gate={gate.gate_id}>
          <bdi class="name" title={gate.name}>
            {gate.name}
          </bdi>
          <Spark
            values={gate.minutes ?? []}
            label={say("overview.gateHour", { admitted: gate.admitted_hour ?? 0, refused: gate.refused_hour ?? 0 })}
          />
          <GateState gate={gate} shown={shown} />
        </li>
      ))}
      {shown.gates.length > MOST_GATES && (
        <li>
          <a href="/gates">{say("overview.allGates", { count: shown.gates.length })}</a>
        </li>
      )}
    </ul>
  );
}

function GateState({ gate, shown }: { gate: Gate; shown: Picture }) {
  if (gate.state !== "open") return <Chip>{say(`gate.state.${gate.state}`)}</Chip>;
  if (gate.silent_devices) {
    return (
      <Chip kind="nearly" icon="device">
        {say("overview.deviceSilent", { count: gate.silent_devices })}
      </Chip>
    );
  }
  if (gate.silent) return <Chip icon="quiet">{say("overview.quiet", { minutes: minutesQuiet(gate, shown) })}</Chip>;
  if (!gate.last_scan_at) return <span class="soft">{say("overview.noScan")}</span>;
  const seconds = (Date.parse(shown.clock.now) - Date.parse(gate.last_scan_at)) / 1000;
  return <span class="soft">{seconds < 5 ? say("age.now") : say("age.ago", { time: duration(seconds) })}</span>;
}

function Refusals({ shown }: { shown: Picture }) {
  if (!shown.refusals.length) return <p class="soft">{say("overview.noRefusals")}</p>;
  const top = Math.max(...shown.refusals.map((one) => one.total));
  return (
    <table class="table refusals">
      <thead>
        <tr>
          <th scope="col">{say("overview.reason")}</th>
          <th scope="col" class="number">
            {say("overview.inTheHour")}
          </th>
          <th scope="col" class="number">
            {say("overview.inAll")}
          </th>
        </tr>
      </thead>
      <tbody>
        {shown.refusals.slice(0, MOST_REFUSALS).map((one) => (
          <tr key={one.reason} data-reason={one.reason}>
            <th scope="row" title={one.reason}>
              {knows(`reason.${one.reason}`) ? say(`reason.${one.reason}`) : one.reason.replaceAll("_", " ")}
              <span class="share" style={{ inlineSize: `${(100 * one.total) / top}%` }} aria-hidden="true" />
            </th>
            <td class="number">{number(one.last_hour)}</td>
            <td class="number">{number(one.total)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

// Those that are furthest behind with most people: where the desk has work.
function Funnel({ funnel }: { funnel: DelegationFunnel[] }) {
  const open = (one: DelegationFunnel) => one.nominated - one.refused - one.active;
  const ordered = [...funnel].sort((one, other) => open(other) - open(one) || other.nominated - one.nominated);
  return (
    <table class="table funnel">
      <thead>
        <tr>
          <th scope="col">{say("overview.delegation")}</th>
          <th scope="col" class="number">
            {say("overview.nominated")}
          </th>
          <th scope="col" class="number spare">
            {say("overview.granted")}
          </th>
          <th scope="col" class="number">
            {say("overview.active")}
          </th>
          <th scope="col" class="number">
            {say("overview.insideNow")}
          </th>
        </tr>
      </thead>
      <tbody>
        {ordered.slice(0, MOST_DELEGATIONS).map((one) => {
          const name = named(one.names, one.delegation_id);
          return (
            <tr key={one.delegation_id} data-delegation={one.delegation_id}>
              <th scope="row">
                <a href={`/delegations/${one.delegation_id}`}>
                  <bdi>{name}</bdi>
                </a>
                <Meter
                  value={one.active}
                  most={Math.max(1, one.nominated - one.refused)}
                  kind="normal"
                  label={say("overview.activeOf", { name: isolated(name) })}
                />
              </th>
              <td class="number">{number(one.nominated)}</td>
              <td class="number spare">{number(one.granted)}</td>
              <td class="number">{number(one.active)}</td>
              <td class="number">{number(one.inside)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Health({ shown }: { shown: Picture }) {
  const read = new Map<string, Source>(shown.sources.map((one) => [one.source, one]));
  return (
    <>
      <ul class="list health">
        {(shown.services ?? []).map((one) => (
          <li key={one.service} data-service={one.service}>
            <span>
              {say(`service.${one.service}`)} <Read source={read.get(one.service)} />
            </span>
            <Chip
              kind={one.state === "up" ? "fine" : one.state === "down" ? "full" : "nearly"}
              icon={one.state === "up" ? "fine" : "nearly"}
            >
              {say(`service.state.${one.state}`)}
            </Chip>
          </li>
        ))}
        <li>
          <span>{say("overview.notices")}</span>
          <span>
            <b id="notices-sent">{number(shown.notices.sent)}</b> {say("overview.sent")} ·{" "}
            <b id="notices-failed">{number(shown.notices.failed)}</b> {say("overview.failed")}
          </span>
        </li>
      </ul>
      <p class="soft updated">{say("overview.updated", { time: dateTime(shown.clock.now) })}</p>
    </>
  );
}

// Up to where the numbers of this service are read.
function Read({ source }: { source: Source | undefined }) {
  if (!source) return null;
  return (
    <small class="soft" data-source={source.source}>
      {say("overview.sourceNumber", { number: source.number, state: say(`source.state.${source.state}`) })}
    </small>
  );
}
