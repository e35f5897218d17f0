// Orders in words: where, why, what will happen.
import { isolated, knows, named, say } from "@placet/kit/language.ts";
import type { Order, Reach } from "../orders.ts";
import { zone } from "../store.ts";

/** A reason is a code of few words; one of tomorrow is shown as it is. */
export function reasonWord(code: string): string {
  return knows(`orders.reason.${code}`) ? say(`orders.reason.${code}`) : code.replaceAll("_", " ");
}

export function zoneName(id: string | null): string {
  if (id === null) return say("orders.wholeVenue");
  return named(zone(id)?.names ?? {}, id);
}

export function placeOf(order: Order): string {
  switch (order.what) {
    case "threat":
      return say("orders.wholeVenue");
    case "allClear":
      return order.zone_ids.map(zoneName).join(", ");
    default:
      return zoneName(order.zone_id);
  }
}

/** What will happen the moment it is given, a sentence each. */
export function effects(order: Order, { zones, gates, people }: Reach): string[] {
  const reached = {
    zones: say("orders.zones", { count: zones.length }),
    gates: say("orders.gates", { count: gates.length }),
  };
  const inside = people === null ? say("orders.peopleUnknown") : say("orders.peopleThere", { count: people });
  switch (order.what) {
    case "lockdown":
      return [say("orders.lockdown.stops", reached), say("orders.exitsFree"), inside];
    case "lifting":
      return [say("orders.lifting.opens", reached), say("orders.lifting.inner")];
    case "evacuation":
      return [say("orders.evacuation.stops", reached), say("orders.exitsFree"), inside, say("orders.evacuation.list")];
    case "allClear":
      return [
        say("orders.allClear.opens", reached),
        say("orders.allClear.empty"),
        ...(order.missing > 0 ? [say("orders.allClear.missing", { count: order.missing })] : []),
      ];
    case "threat":
      return order.level === 0
        ? [say("orders.threat.none")]
        : [say("orders.threat.clearance", { level: order.level }), say("orders.threat.leave")];
  }
}

/** The order in one sentence, for those who hear it and for the note that it was given. */
export function given(order: Order): string {
  const level = order.what === "threat" ? order.level : 0;
  return say(`orders.given.${order.what}`, { zone: isolated(placeOf(order)), level });
}
