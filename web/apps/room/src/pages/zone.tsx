// One zone: how full it was over the hours, and who is in it.
import { mayDo } from "@placet/kit/api.ts";
import { named, number, say } from "@placet/kit/language.ts";
import { Card } from "@placet/kit/ui/card.tsx";
import { Meter } from "@placet/kit/ui/meter.tsx";
import { useMemo, useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import { useAnswer } from "../parts/answer.ts";
import { ZoneChips } from "../parts/chips.tsx";
import { HandCount } from "../parts/hand-count.tsx";
import { OccupancyChart, OccupancyTable } from "../parts/occupancy.tsx";
import { doubt, PeopleCount } from "../parts/people-count.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Segments } from "../parts/segments.tsx";
import { WhoIsIn } from "../parts/who-is-in.tsx";
import { look } from "../parts/zone-state.ts";
import type { Zone } from "../picture.ts";
import { lookedAt, now, picture, zone } from "../store.ts";
import { COUNTERS, HOURS, type Hours, historyOf, type Occupancy } from "../zones.ts";
import "../parts/parts.css";
import "./zone.css";

export default function ZonePage() {
  const { id = "" } = useRoute().params;
  const shown = zone(id);
  if (!picture.value) return <p role="status">{say("loading")}</p>;
  if (!shown) {
    return (
      <p>
        {say("zone.unknown")} <a href="/zones">{say("zones.title")}</a>
      </p>
    );
  }
  return <Known key={id} zone={shown} />;
}

function Known({ zone }: { zone: Zone }) {
  const [counting, count] = useState(false);
  const unsure = doubt(zone);
  const mayCount = mayDo(...COUNTERS) && !lookedAt.value;
  return (
    <div class="zone-page stack">
      <p>
        <a href="/zones">{say("zones.title")}</a>
      </p>
      <div class="page-head">
        <h1 title={named(zone.names)}>
          <bdi class="long">{named(zone.names, zone.zone_id)}</bdi>
        </h1>
        <span class="row">
          <ZoneChips zone={zone} />
        </span>
      </div>
      <section class="card now" aria-label={say("zone.now")}>
        <p class="big" id="zone-count">
          <PeopleCount zone={zone} />
          {zone.capacity !== null && <span class="of"> {say("zone.ofPlaces", { capacity: zone.capacity })}</span>}
        </p>
        {zone.capacity !== null && (
          <Meter
            value={zone.count}
            most={zone.capacity}
            kind={look(zone)}
            label={say("zone.ofCapacity", { count: zone.count, capacity: zone.capacity })}
          />
        )}
        {unsure && <p class="soft">{unsure}</p>}
        <p class="row">
          <GatesHere zoneId={zone.zone_id} />
          {mayCount && (
            <button type="button" class="button small" onClick={() => count(true)}>
              {say("zone.correct")}
            </button>
          )}
        </p>
      </section>
      {counting && <HandCount zone={zone} close={() => count(false)} />}
      <History zone={zone} />
      <WhoIsIn zoneId={zone.zone_id} />
    </div>
  );
}

function GatesHere({ zoneId }: { zoneId: string }) {
  const here = (picture.value?.gates ?? []).filter(
    (gate) => gate.to_zone_id === zoneId || gate.from_zone_id === zoneId,
  );
  const silent = here.reduce((sum, gate) => sum + gate.silent_devices, 0);
  return (
    <span class="soft">
      <a href="/gates">{say("zone.gates", { count: here.length })}</a>
      {silent > 0 && ` · ${say("overview.deviceSilent", { count: silent })}`}
    </span>
  );
}

type Way = "chart" | "table";

function History({ zone }: { zone: Zone }) {
  const [hours, span] = useState<Hours>(24);
  const [way, show] = useState<Way>("chart");
  const past = lookedAt.value;
  // Asked anew each minute of the gathering: the line grows by one point a minute.
  const minute = Math.floor(now.value.getTime() / 60_000);
  const path = useMemo(
    () => historyOf(zone.zone_id, hours, new Date(minute * 60_000), past),
    [zone.zone_id, hours, minute, past],
  );
  const { value, error } = useKept(useAnswer<Occupancy>(path), `${zone.zone_id} ${hours} ${past}`);
  // What the past picture says it held then, not what it holds now.
  const shown = useMemo(() => value && { ...value, capacity: zone.capacity }, [value, zone.capacity]);
  const label = say("zone.history");
  const tools = (
    <span class="row">
      <Segments
        label={say("zone.span")}
        value={String(hours)}
        onChange={(value) => span(HOURS.find((one) => String(one) === value) ?? 24)}
        options={HOURS.map((one) => ({ value: String(one), text: say("zone.hours", { count: one }) }))}
      />
      <Segments<Way>
        label={say("zone.way")}
        value={way}
        onChange={show}
        options={[
          { value: "chart", text: say("zone.chart") },
          { value: "table", text: say("zone.table") },
        ]}
      />
    </span>
  );
  return (
    <Card title={label} aside={tools}>
      <ProblemNote error={error} />
      {!shown && !error && <p role="status">{say("loading")}</p>}
      {shown && way === "chart" && (
        <>
          <OccupancyChart shown={shown} label={label} />
          {shown.capacity !== null && (
            <p class="soft legend">
              <span class="dash" aria-hidden="true" /> {say("zones.capacity")}: {number(shown.capacity)}
            </p>
          )}
        </>
      )}
      {shown && way === "table" && <OccupancyTable shown={shown} label={label} />}
    </Card>
  );
}

// While the next minute is asked for, the last one stays; of another zone or span nothing stays.
function useKept<T>({ value, error }: { value: T | null; error: unknown }, of: string) {
  const [kept, keep] = useState<{ of: string; value: T } | null>(null);
  if (value && (kept?.value !== value || kept.of !== of)) keep({ of, value });
  return { value: value ?? (kept?.of === of ? kept.value : null), error };
}
