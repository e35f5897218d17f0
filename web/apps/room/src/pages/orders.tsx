// Orders in force, which gates have heard of them, and how they are given and ended.
import { mayDo } from "@placet/kit/api.ts";
import { dateTime, duration, number, say } from "@placet/kit/language.ts";
import { Card } from "@placet/kit/ui/card.tsx";
import { Icon, type IconName } from "@placet/kit/ui/icon.tsx";
import { Meter } from "@placet/kit/ui/meter.tsx";
import { useState } from "preact/hooks";
import { together } from "../orders.ts";
import { MusterList } from "../parts/muster.tsx";
import { type Begun, OrderDialog } from "../parts/order-dialog.tsx";
import { reasonWord, zoneName } from "../parts/order-words.ts";
import type { Acknowledged, Evacuation, Gathering, Lockdown, Picture } from "../picture.ts";
import { gate, isStale, lookedAt, now, picture } from "../store.ts";
import "./orders.css";

type Begin = ((begun: Begun) => void) | null;

const GIVEN = ["lockdown", "evacuation", "threat"] as const;

export default function Page() {
  const shown = picture.value;
  const [begun, setBegun] = useState<Begun | null>(null);
  const [told, setTold] = useState("");
  // Orders are given now, whatever minute is looked at.
  const begin: Begin = mayDo("commander", "admin") && !lookedAt.value ? setBegun : null;
  if (!shown) return <p>{say("loading")}</p>;
  return (
    <div class={`orders-page stack${isStale.value ? " old" : ""}`}>
      <div class="row top">
        <h1>{say("page.orders")}</h1>
        {begin && (
          <div class="row">
            {GIVEN.map((what) => (
              <button
                key={what}
                type="button"
                class={`button ${what === "threat" ? "" : "grave"}`}
                onClick={() => begin({ what })}
              >
                <Icon name={what} /> {say(`orders.${what}.begin`)}
              </button>
            ))}
          </div>
        )}
      </div>
      {!begin && <p class="soft">{say(lookedAt.value ? "orders.pastOnly" : "orders.readOnly")}</p>}
      {told && (
        <p class="told">
          <Icon name="fine" /> {told}
        </p>
      )}
      <div class="in-force">
        <Evacuations shown={shown} begin={begin} />
        <Lockdowns lockdowns={shown.orders.lockdowns} begin={begin} />
        <Threat shown={shown} />
      </div>
      {begun && (
        <OrderDialog
          begun={begun}
          close={() => setBegun(null)}
          done={(sentence) => {
            setBegun(null);
            setTold(sentence);
          }}
        />
      )}
    </div>
  );
}

function Lockdowns({ lockdowns, begin }: { lockdowns: Lockdown[]; begin: Begin }) {
  return (
    <Card title={say("orders.lockdowns", { count: lockdowns.length })} class="lockdowns">
      <ul class="list">
        {lockdowns.map((one) => (
          <li key={one.zone_id} class="order" data-lockdown={one.zone_id}>
            <Heading icon="lockdown" zoneId={one.zone_id} reason={one.reason} since={one.since} />
            <Heard order={one} />
            {begin && (
              <button
                type="button"
                class="button"
                onClick={() => begin({ what: "lifting", zone_id: one.zone_id })}
                aria-label={say("orders.lifting.of", { zone: zoneName(one.zone_id) })}
              >
                {say("orders.lifting.begin")}
              </button>
            )}
          </li>
        ))}
        {!lockdowns.length && <None words="orders.noLockdown" />}
      </ul>
    </Card>
  );
}

function Evacuations({ shown, begin }: { shown: Picture; begin: Begin }) {
  const ordered = together(shown.orders.evacuations);
  return (
    <Card title={say("orders.evacuations", { count: ordered.size })} class="evacuations">
      <ul class="list">
        {[...ordered].map(([id, entries]) => (
          <li key={id} class="order" data-evacuation={id}>
            <EvacuationInForce id={id} entries={entries} begin={begin} />
          </li>
        ))}
        {!ordered.size && <None words="orders.noEvacuation" />}
      </ul>
    </Card>
  );
}

function EvacuationInForce({ id, entries, begin }: { id: string; entries: Evacuation[]; begin: Begin }) {
  const expected = entries.reduce((sum, one) => sum + one.expected, 0);
  const unidentified = entries.reduce((sum, one) => sum + one.unidentified, 0);
  const missing = entries.reduce((sum, one) => sum + one.missing, 0);
  const mustered = entries[0]?.mustered ?? 0; // of the whole evacuation
  const zoneIds = entries.map((one) => one.zone_id);
  const maySeeList = mayDo("supervisor", "operations", "commander", "auditor", "protocol", "admin");
  return (
    <>
      {entries.map((one) => (
        <div key={one.zone_id} class="stack">
          <Heading icon="evacuation" zoneId={one.zone_id} reason={one.reason} since={one.ordered_at} />
          <Heard order={one} />
        </div>
      ))}
      <p>
        <strong>{say("orders.believed", { count: expected })}</strong>
        {unidentified > 0 && <span class="soft"> · {say("orders.without", { count: unidentified })}</span>}
        {" · "}
        {say("orders.atPoints", { count: mustered })}
        {" · "}
        <span class={missing > 0 ? "missing" : ""}>{say("orders.stillMissing", { count: missing })}</span>
      </p>
      {maySeeList && !lookedAt.value && (
        <MusterList id={id} mayReconcile={mayDo("supervisor", "operations", "commander")} />
      )}
      {begin && (
        <button
          type="button"
          class="button"
          onClick={() => begin({ what: "allClear", evacuation_id: id, zone_ids: zoneIds, missing })}
          aria-label={say("orders.allClear.of", { zone: zoneIds.map(zoneName).join(", ") })}
        >
          {say("orders.allClear.begin")}
        </button>
      )}
    </>
  );
}

function Threat({ shown }: { shown: Picture }) {
  return (
    <Card title={say("orders.threatLevel")} class="threat">
      <ul class="list">
        {shown.venues.map(({ venue_id: venue, threat_level: level, threat_reason: reason }) => {
          const since = shown.orders.threat[venue]?.since;
          return (
            <li key={venue} class="order level" data-venue={venue} data-level={level}>
              <span class={level > 0 ? "big-level raised" : "big-level"}>{number(level)}</span>
              <div>
                <h3>
                  <bdi>{venue}</bdi>
                </h3>
                <p>{level === 0 ? say("orders.levelNone") : reasonWord(reason)}</p>
                {since && <Since at={since} />}
              </div>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

interface HeadingProps {
  icon: IconName;
  zoneId: string;
  reason: string;
  since: Gathering;
}

function Heading({ icon, zoneId, reason, since }: HeadingProps) {
  const name = zoneName(zoneId);
  return (
    <div class={`heading ${icon}`}>
      <h3>
        <Icon name={icon} />{" "}
        <a href={`/zones/${zoneId}`}>
          <bdi class="name" title={name}>
            {name}
          </bdi>
        </a>
      </h3>
      <p>
        {reasonWord(reason)} · <Since at={since} />
      </p>
    </div>
  );
}

function Since({ at }: { at: Gathering }) {
  const seconds = Math.max(0, (now.value.getTime() - Date.parse(at)) / 1000);
  return (
    <span class="soft">
      {say("orders.since", { time: dateTime(at) })} ({duration(seconds)})
    </span>
  );
}

// A gate has heard of an order once each of its scanners was heard of after it.
function Heard({ order: { acknowledged, of, waiting } }: { order: Acknowledged }) {
  if (!of) return <p class="soft">{say("orders.noScanners")}</p>;
  return (
    <div class="heard">
      <p>
        {say("orders.acknowledged", { acknowledged, of })}
        {!waiting.length && <Icon name="fine" />}
      </p>
      <Meter value={acknowledged} most={of} kind="normal" label={say("orders.acknowledgedLabel")} />
      {waiting.length > 0 && (
        <p class="unheard">
          <Icon name="quiet" /> {say("orders.waiting", { count: waiting.length })}{" "}
          {waiting.map((id, at) => (
            <span key={id}>
              {at > 0 && ", "}
              <bdi title={gate(id)?.name}>{gate(id)?.name ?? id}</bdi>
            </span>
          ))}
        </p>
      )}
    </div>
  );
}

function None({ words }: { words: string }) {
  return (
    <li class="none soft">
      <Icon name="fine" /> {say(words)}
    </li>
  );
}
