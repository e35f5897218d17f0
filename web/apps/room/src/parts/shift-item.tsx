// One thing that is handed over, in words.
import { isolated, say } from "@placet/kit/language.ts";
import { Icon, type IconName } from "@placet/kit/ui/icon.tsx";
import { addressOf, type Item } from "../shift.ts";
import { picture } from "../store.ts";
import { kindWord, titleOf } from "./incident.tsx";
import { reasonWord, zoneName } from "./order-words.ts";

const ICONS: Readonly<Record<Item["kind"], IconName>> = {
  incident: "incident",
  lockdown: "lockdown",
  evacuation: "evacuation",
  gate: "device",
  capacity: "full",
  badge: "person",
  note: "notice",
};

export function ItemWords({ item }: { item: Item }) {
  const address = addressOf(item);
  const words = <bdi class="long">{itemTitle(item)}</bdi>;
  return (
    <div class="item-words">
      <Icon name={ICONS[item.kind]} />
      <div>
        <span class="soft">{detail(item)}</span>
        {address ? (
          <a href={address} title={itemTitle(item)}>
            {words}
          </a>
        ) : (
          <div class="said">{item.kind === "note" ? <bdi dir="auto">{item.title}</bdi> : words}</div>
        )}
      </div>
    </div>
  );
}

/** What it is called; of a rule's incident as far as it is still on the screen. */
export function itemTitle(item: Item): string {
  if (item.kind === "lockdown" || item.kind === "evacuation" || item.kind === "capacity") {
    return item.ref ? zoneName(item.ref) : (item.title ?? "");
  }
  if (item.title) return item.title;
  if (item.kind === "incident") {
    const known = picture.value?.incidents?.find((one) => one.incident_id === item.ref);
    return known ? titleOf(known) : kindWord(item.detail ?? "other");
  }
  if (item.kind === "badge" && item.ref === "suspended") {
    return say("shift.badges", { count: Number(item.detail ?? 0) });
  }
  return item.ref ? isolated(item.ref.slice(0, 8)) : "";
}

function detail({ kind, ref, detail }: Item): string {
  const word = say(`shift.item.${kind}`);
  if (!detail || kind === "capacity" || ref === "suspended") return word;
  if (kind === "incident") {
    const number = picture.value?.incidents?.find((one) => one.incident_id === ref)?.number;
    return [number ? say("incidents.number", { number: String(number) }) : word, kindWord(detail)].join(" · ");
  }
  if (kind === "lockdown" || kind === "evacuation") return `${word} · ${reasonWord(detail)}`;
  return `${word} · ${say(`shift.detail.${detail}`)}`;
}
