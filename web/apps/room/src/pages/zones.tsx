// All zones: how many people, of how many, and what is in force.
import { named, number, say } from "@placet/kit/language.ts";
import { Meter } from "@placet/kit/ui/meter.tsx";
import { ZoneChips } from "../parts/chips.tsx";
import { doubt, PeopleCount } from "../parts/people-count.tsx";
import { Scrolls } from "../parts/scrolls.tsx";
import { look } from "../parts/zone-state.ts";
import type { Zone } from "../picture.ts";
import { picture } from "../store.ts";
import "../parts/parts.css";
import "./zones.css";

export default function Zones() {
  const shown = picture.value;
  if (!shown) return <p role="status">{say("loading")}</p>;
  return (
    <div class="zones-page stack">
      <h1>{say("zones.title")}</h1>
      <Scrolls label={say("zones.title")} class="card">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{say("zones.zone")}</th>
              <th scope="col" class="number">
                {say("zones.people")}
              </th>
              <th scope="col" class="number">
                {say("zones.capacity")}
              </th>
              <th scope="col" class="fullness">
                {say("zones.fullness")}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.zones.map((one) => (
              <Row key={one.zone_id} zone={one} />
            ))}
          </tbody>
        </table>
      </Scrolls>
      {!shown.zones.length && <p class="soft">{say("zones.none")}</p>}
    </div>
  );
}

function Row({ zone }: { zone: Zone }) {
  const name = named(zone.names, zone.zone_id);
  const unsure = doubt(zone);
  return (
    <tr data-zone={zone.zone_id}>
      <th scope="row">
        <div style={{ paddingInlineStart: `${zone.depth * 1.1}rem` }}>
          <a href={`/zones/${zone.zone_id}`} title={name}>
            <bdi class="long">{name}</bdi>
          </a>
          <span class="row chips">
            <ZoneChips zone={zone} />
          </span>
          {unsure && <p class="soft unsure">{unsure}</p>}
        </div>
      </th>
      <td class="number people">
        <PeopleCount zone={zone} />
      </td>
      <td class="number">{zone.capacity === null ? "–" : number(zone.capacity)}</td>
      <td class="fullness">
        {zone.capacity !== null && (
          <Meter
            value={zone.count}
            most={zone.capacity}
            kind={look(zone)}
            label={say("zone.ofCapacity", { count: zone.count, capacity: zone.capacity })}
          />
        )}
      </td>
    </tr>
  );
}
