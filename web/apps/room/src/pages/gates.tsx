// Every gate and its scanners, for whoever keeps them running: at a desk, or at a gate with a phone in the hand.
import { duration, isolated, named, number, percent, say } from "@placet/kit/language.ts";
import { announce } from "@placet/kit/ui/announcer.tsx";
import { Chip } from "@placet/kit/ui/chip.tsx";
import { Icon } from "@placet/kit/ui/icon.tsx";
import { Spark } from "@placet/kit/ui/spark.tsx";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { minutesQuiet } from "../parts/concerns.ts";
import { DeviceLine } from "../parts/device-line.tsx";
import { byGate, fleet, isMeant, isQuiet, isRefusingMuch, refusalShare, wantsAttention } from "../parts/fleet.ts";
import { Segments } from "../parts/segments.tsx";
import type { Device, Gate, Picture } from "../picture.ts";
import { gate as gateOf, isStale, lookedAt, now, picture, zone } from "../store.ts";
import "../parts/parts.css";
import "./gates.css";

type Shown = "all" | "attention";

export default function Gates() {
  const shown = picture.value;
  const { query, route } = useLocation();
  const [wanted, want] = useState("");
  useSilenceAlarm(shown?.devices);
  if (!shown) return <p role="status">{say("loading")}</p>;
  const which: Shown = query.show === "attention" ? "attention" : "all";
  const devices = byGate(shown.devices ?? []);
  const own = (gate: Gate) => devices.get(gate.gate_id) ?? [];
  const wanting = shown.gates.filter((gate) => wantsAttention(gate, own(gate)));
  const listed = (which === "all" ? shown.gates : wanting).filter((gate) => isMeant(gate, wanted));
  return (
    <div class={`gates-page stack${isStale.value ? " old" : ""}`}>
      <h1>{say("gates.title")}</h1>
      <Totals shown={shown} />
      <div class="row tools">
        <Segments<Shown>
          label={say("gates.which")}
          value={which}
          onChange={(value) => route(value === "all" ? "/gates" : "/gates?show=attention", true)}
          options={[
            { value: "all", text: say("gates.all", { count: shown.gates.length }) },
            { value: "attention", text: say("gates.attention", { count: wanting.length }) },
          ]}
        />
        <label class="find">
          <span class="unseen">{say("gates.find")}</span>
          <input
            class="input"
            type="search"
            placeholder={say("gates.find")}
            value={wanted}
            onInput={(event) => want(event.currentTarget.value)}
          />
        </label>
      </div>
      {!shown.devices && <p class="soft">{say("gates.signInForDevices")}</p>}
      {listed.length ? (
        <ul class="gate-cards">
          {listed.map((gate) => (
            <GateCard key={gate.gate_id} gate={gate} devices={own(gate)} shown={shown} />
          ))}
        </ul>
      ) : (
        <p class={which === "attention" && !wanted ? "all-fine" : "soft"} role="status">
          {which === "attention" && !wanted && <Icon name="fine" />}{" "}
          {say(which === "attention" && !wanted ? "gates.allFine" : "gates.noneFound")}
        </p>
      )}
    </div>
  );
}

// A scanner that falls silent while somebody looks on is said, once; those that were silent before are read on the page.
function useSilenceAlarm(devices: readonly Device[] | undefined): void {
  const known = useRef<Set<string> | null>(null);
  const silent = (devices ?? []).filter((device) => device.silent);
  const key = silent.map((device) => device.device_id).join(" ");
  useEffect(() => {
    if (!devices || lookedAt.peek()) return;
    for (const { device_id, gate_id } of silent) {
      if (known.current && !known.current.has(device_id)) {
        announce(say("gates.fellSilent", { gate: isolated(gateOf(gate_id)?.name ?? gate_id) }));
      }
    }
    known.current = new Set(silent.map((device) => device.device_id));
  }, [key, Boolean(devices)]);
}

function Totals({ shown }: { shown: Picture }) {
  const open = shown.gates.filter((gate) => gate.state === "open").length;
  const all = shown.devices ? fleet(shown.devices) : null;
  const silent = all?.silent ?? shown.gates.reduce((sum, gate) => sum + gate.silent_devices, 0);
  const devices = all?.devices ?? shown.gates.reduce((sum, gate) => sum + gate.devices, 0);
  return (
    <dl class="fleet" aria-label={say("gates.totals")}>
      <Total id="open" value={open} of={shown.gates.length} />
      <Total id="silent" value={silent} of={devices} wrong={silent > 0} />
      {all && <Total id="behind" value={all.behind} wrong={all.behind > 0} />}
      {all && <Total id="queued" value={all.queued} wrong={all.queued > 0} />}
      {all && <Total id="low" value={all.low} wrong={all.low > 0} />}
    </dl>
  );
}

function Total({ id, value, of, wrong = false }: { id: string; value: number; of?: number; wrong?: boolean }) {
  return (
    <div class={`card${wrong ? " wrong" : ""}`} data-total={id}>
      <dt>{say(`gates.total.${id}`)}</dt>
      <dd class={isStale.value ? "stale" : ""}>
        {wrong && <Icon name="nearly" />} <b>{number(value)}</b>
        {of !== undefined && <span class="soft"> / {number(of)}</span>}
      </dd>
    </div>
  );
}

function GateCard({ gate, devices, shown }: { gate: Gate; devices: readonly Device[]; shown: Picture }) {
  const title = `gate-${gate.gate_id}`;
  return (
    <li class={`card gate-card${wantsAttention(gate, devices) ? " wanting" : ""}`} data-gate={gate.gate_id}>
      <section aria-labelledby={title}>
        <header>
          <h2 id={title} title={gate.name}>
            <bdi class="name">{gate.name}</bdi>
          </h2>
          <p class="soft way">
            <Way gate={gate} />
          </p>
          <p class="chips">
            <GateChips gate={gate} shown={shown} />
          </p>
        </header>
        <Figures gate={gate} shown={shown} />
        {shown.devices ? (
          <ul class="devices">
            {devices.map((device) => (
              <DeviceLine key={device.device_id} device={device} />
            ))}
            {!devices.length && <li class="soft">{say("gates.noDevice")}</li>}
          </ul>
        ) : (
          <p class="soft">{say("gates.devices", { count: gate.devices })}</p>
        )}
      </section>
    </li>
  );
}

function Way({ gate }: { gate: Gate }) {
  const [from, to] = [zone(gate.from_zone_id), zone(gate.to_zone_id)];
  return (
    <>
      <bdi>{from ? named(from.names, from.zone_id) : say("gates.outside")}</bdi> <span aria-hidden="true">→</span>
      <span class="unseen"> {say("gates.leadsTo")} </span>{" "}
      <a href={`/zones/${gate.to_zone_id}`}>
        <bdi>{to ? named(to.names, to.zone_id) : gate.to_zone_id}</bdi>
      </a>
    </>
  );
}

function GateChips({ gate, shown }: { gate: Gate; shown: Picture }) {
  return (
    <>
      {gate.state !== "open" && <Chip kind="nearly">{say(`gate.state.${gate.state}`)}</Chip>}
      {gate.silent_devices > 0 && (
        <Chip kind="full" icon="device">
          {say("overview.deviceSilent", { count: gate.silent_devices })}
        </Chip>
      )}
      {isQuiet(gate) && (
        <Chip kind="nearly" icon="quiet">
          {say("overview.quiet", { minutes: minutesQuiet(gate, shown) })}
        </Chip>
      )}
      {isRefusingMuch(gate) && (
        <Chip kind="nearly" icon="nearly">
          {say("gates.refusesMuch")}
        </Chip>
      )}
    </>
  );
}

function Figures({ gate, shown }: { gate: Gate; shown: Picture }) {
  const share = refusalShare(gate);
  const { verdict_ms: verdict } = gate;
  const milliseconds = (value: number) =>
    number(value, { style: "unit", unit: "millisecond", maximumFractionDigits: value < 10 ? 1 : 0 });
  return (
    <dl class={`figures${isStale.value ? " stale" : ""}`}>
      <div class="hour">
        <dt>{say("gates.lastHour")}</dt>
        <dd>
          <Spark
            values={gate.minutes}
            label={say("overview.gateHour", { admitted: gate.admitted_hour, refused: gate.refused_hour })}
          />
          <span>{say("gates.hour", { admitted: gate.admitted_hour, refused: gate.refused_hour })}</span>
        </dd>
      </div>
      <div data-figure="refusals">
        <dt>{say("gates.refusalShare")}</dt>
        <dd>{share === null ? "–" : percent(share)}</dd>
      </div>
      <div data-figure="verdict">
        <dt>
          <abbr title={say("gates.verdictSays")}>{say("gates.verdict")}</abbr>
        </dt>
        <dd>
          {verdict ? `${milliseconds(verdict.p50)} · ${milliseconds(verdict.p95)}` : "–"}
          {!verdict && <span class="unseen"> {say("gates.verdictNone")}</span>}
        </dd>
      </div>
      <div data-figure="last-scan">
        <dt>{say("gates.lastScan")}</dt>
        <dd>{gate.last_scan_at ? ago(gate.last_scan_at, shown.clock.now) : say("overview.noScan")}</dd>
      </div>
    </dl>
  );
}

function ago(at: string, clock: string): string {
  const seconds = (Math.max(now.value.getTime(), Date.parse(clock)) - Date.parse(at)) / 1000;
  return seconds < 5 ? say("age.now") : say("age.ago", { time: duration(seconds) });
}
