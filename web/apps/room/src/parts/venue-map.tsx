// The venue as a schematic: an area a zone, filled as far as it is full.
import { named, number, say } from "@placet/kit/language.ts";
import { Icon } from "@placet/kit/ui/icon.tsx";
import { Meter } from "@placet/kit/ui/meter.tsx";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Zone } from "../picture.ts";
import { isStale } from "../store.ts";
import { ZoneChips } from "./chips.tsx";
import { doubt, PeopleCount } from "./people-count.tsx";
import { type Area, areas } from "./schematic.ts";
import { conditions, LOOKS, look } from "./zone-state.ts";

const NARROW_REM = 34; // below that a schematic cannot be read: then it is a list
const STRIP_REM = 1.7;
const GAP_REM = 0.25;

export function VenueMap({ zones }: { zones: readonly Zone[] }) {
  const ground = useRef<HTMLUListElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0, rem: 16 });
  useLayoutEffect(() => {
    const node = ground.current;
    if (!node) return;
    const measure = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      setSize({ width: node.clientWidth, height: node.clientHeight, rem });
    };
    const watched = new ResizeObserver(measure);
    watched.observe(node);
    measure();
    return () => watched.disconnect();
  }, []);
  // Where areas lie depends on what zones hold, not on who is in them.
  const layout = zones.map((zone) => `${zone.zone_id} ${zone.depth} ${zone.capacity}`).join("|");
  const laid = useMemo(
    () => areas(zones, size.width, size.height, STRIP_REM * size.rem, GAP_REM * size.rem),
    [layout, size],
  );
  const current = new Map(zones.map((zone) => [zone.zone_id, zone]));
  if (size.width && size.width < NARROW_REM * size.rem) {
    return (
      <ul class="list venue-list" ref={ground}>
        {zones.map((zone) => (
          <Line key={zone.zone_id} zone={zone} />
        ))}
      </ul>
    );
  }
  return (
    <ul class="venue-map" ref={ground}>
      {laid.map((area) => (
        <Place key={area.zone.zone_id} area={area} zone={current.get(area.zone.zone_id) ?? area.zone} />
      ))}
    </ul>
  );
}

function Line({ zone }: { zone: Zone }) {
  const name = named(zone.names, zone.zone_id);
  return (
    <li class={look(zone)} data-zone={zone.zone_id} data-depth={Math.min(zone.depth, 3)}>
      <a class="name" href={`/zones/${zone.zone_id}`}>
        <bdi>{name}</bdi>
      </a>
      <span class="people">
        <PeopleCount zone={zone} />
        {zone.capacity !== null && <span class="soft"> / {number(zone.capacity)}</span>}
      </span>
      <span class="row foot">
        <ZoneChips zone={zone} />
        {zone.capacity !== null && <Meter value={zone.count} most={zone.capacity} kind={look(zone)} label={name} />}
      </span>
    </li>
  );
}

function Place({ area, zone }: { area: Area; zone: Zone }) {
  const percent = (part: number) => `${(100 * part).toFixed(3)}%`;
  const place = {
    insetInlineStart: percent(area.left),
    insetBlockStart: percent(area.top),
    inlineSize: percent(area.width),
    blockSize: percent(area.height),
  };
  const name = named(zone.names, zone.zone_id);
  const share = zone.capacity ? Math.min(1, Math.max(0, zone.count / zone.capacity)) : 0;
  const told = [name, spoken(zone), ...conditions(zone).map((one) => say(LOOKS[one].word)), doubt(zone)];
  return (
    <li
      class={`place ${look(zone)}${area.holds ? " holds" : ""}${isStale.value ? " old" : ""}`}
      style={place}
      data-zone={zone.zone_id}
    >
      <a href={`/zones/${zone.zone_id}`} title={told.filter(Boolean).join(" · ")}>
        {zone.depth > 0 && <span class="fill" style={{ blockSize: `${100 * share}%` }} />}
        <span class="words">
          <span class="name">
            {conditions(zone).map((one) => (
              <Icon key={one} name={LOOKS[one].icon} />
            ))}
            <bdi>{name}</bdi>
          </span>
          <span class="people">
            <PeopleCount zone={zone} />
            {zone.capacity !== null && <span class="of"> / {number(zone.capacity)}</span>}
          </span>
          <span class="unseen">
            {conditions(zone)
              .map((one) => say(LOOKS[one].word))
              .join(", ")}
          </span>
        </span>
      </a>
    </li>
  );
}

function spoken(zone: Zone): string {
  if (zone.capacity === null) return say("zone.people", { count: zone.count });
  return say("zone.ofCapacity", { count: zone.count, capacity: zone.capacity });
}
