// The minute in a few numbers; the other pages show all of it.
import { isolated, named, number, say } from "@placet/kit/language.ts";
import { Card } from "@placet/kit/ui/card.tsx";
import { Meter } from "@placet/kit/ui/meter.tsx";
import { together } from "../orders.ts";
import { isStale, picture } from "../store.ts";
import { ZoneChips } from "./chips.tsx";
import { look } from "./zone-state.ts";

const MOST_ZONES = 8;

export function Then() {
  const shown = picture.value;
  if (!shown) return <Card title={say("timeline.summary")}>{say("loading")}</Card>;
  const { admitted, refused, exited } = shown.scans.last_hour;
  const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
  const figures: [string, number][] = [
    ["inside", shown.people.inside],
    ["admitted", sum(admitted)],
    ["exited", sum(exited)],
    ["refused", sum(refused)],
    ["orders", shown.orders.lockdowns.length + together(shown.orders.evacuations).size],
    ["threat", Math.max(0, ...shown.venues.map((one) => one.threat_level))],
  ];
  if (shown.incidents) figures.push(["incidents", shown.incidents.filter((one) => one.state !== "closed").length]);
  const fullest = [...shown.zones]
    .sort((one, other) => share(other) - share(one) || other.count - one.count)
    .slice(0, MOST_ZONES);
  return (
    <Card title={say("timeline.summary")} class={`then ${isStale.value ? "stale" : ""}`}>
      <dl class="numbers">
        {figures.map(([what, value]) => (
          <div key={what} data-figure={what}>
            <dt>{say(`timeline.figure.${what}`)}</dt>
            <dd>{number(value)}</dd>
          </div>
        ))}
      </dl>
      <h3>{say("timeline.fullest")}</h3>
      <ul class="list">
        {fullest.map((zone) => {
          const name = named(zone.names, zone.zone_id);
          return (
            <li key={zone.zone_id} class="zone">
              <a href={`/zones/${zone.zone_id}`}>
                <bdi class="name" title={name}>
                  {name}
                </bdi>
              </a>
              <ZoneChips zone={zone} />
              <span class="number">
                {zone.capacity === null
                  ? say("zone.people", { count: zone.count })
                  : say("zone.ofCapacity", { count: zone.count, capacity: zone.capacity })}
              </span>
              <Meter
                value={zone.count}
                most={zone.capacity}
                kind={look(zone)}
                label={say("timeline.howFull", { zone: isolated(name) })}
              />
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

function share({ count, capacity }: { count: number; capacity: number | null }): number {
  return capacity ? count / capacity : -1;
}
