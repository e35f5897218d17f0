// The hand-over under way: its items, accepted one by one with a press or the Enter key, and its end.
import { dateTime, number, say } from "@placet/kit/language.ts";
import { announce } from "@placet/kit/ui/announcer.tsx";
import { Card } from "@placet/kit/ui/card.tsx";
import { Chip } from "@placet/kit/ui/chip.tsx";
import { Dialog } from "@placet/kit/ui/dialog.tsx";
import { Meter } from "@placet/kit/ui/meter.tsx";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Command, following, type Handover, type Item, left, type MayDo } from "../shift.ts";
import { actorWord } from "./incident.tsx";
import { ItemWords, itemTitle } from "./shift-item.tsx";

interface HandoverProps {
  handover: Handover;
  may: MayDo;
  command: Command;
}

export function HandoverCard({ handover, may, command }: HandoverProps) {
  const of = handover.items.length;
  const accepted = of - left(handover).length;
  const title = say("shift.handover", { from: actorWord(handover.from) });
  return (
    <Card
      title={title}
      class="handover"
      aside={<span class="soft">{say("shift.offeredAt", { time: dateTime(handover.offered_at) })}</span>}
    >
      <p>
        <b>{handover.to ? say("shift.takenBy", { who: actorWord(handover.to) }) : say("shift.waiting")}</b>{" "}
        <span class="soft">{say("shift.progress", { accepted, of })}</span>
      </p>
      <Meter value={accepted} most={of} kind="normal" label={say("shift.progress", { accepted, of })} />
      <Items handover={handover} may={may} command={command} />
      <Ends handover={handover} may={may} command={command} />
    </Card>
  );
}

function Items({ handover, may, command }: HandoverProps) {
  const list = useRef<HTMLUListElement>(null);
  const [next, setNext] = useState<string | null>(null);
  const path = `/handover/${handover.handover_id}`;

  // After one the next: whoever accepts twenty items presses Enter twenty times.
  useEffect(() => {
    if (next === null) return;
    buttons(list.current)
      .find((button) => button.value === next)
      ?.focus();
    setNext(null);
  }, [next]);

  const accept = async (item: Item) => {
    if (!(await command(`${path}/items/${item.item_id}/acceptance`, {}, crypto.randomUUID()))) return;
    const onward = following(handover.items, item.item_id);
    announce(say("shift.accepted", { title: itemTitle(item).slice(0, 80), count: left(handover).length - 1 }));
    if (onward) setNext(onward);
    else document.getElementById("complete-handover")?.focus();
  };

  const walk = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const all = buttons(list.current);
    const place = all.indexOf(document.activeElement as HTMLButtonElement);
    if (!step || place < 0) return;
    event.preventDefault();
    all[Math.min(all.length - 1, Math.max(0, place + step))]?.focus();
  };

  return (
    // The keys go to the buttons within.
    <ul class="items" ref={list} onKeyDown={walk}>
      {handover.items.map((item) => (
        <li key={item.item_id} data-item={item.kind} data-accepted={item.accepted_by !== null}>
          <ItemWords item={item} />
          {item.accepted_by ? (
            <Chip kind="fine" icon="fine">
              {say("shift.acceptedBy", { who: actorWord(item.accepted_by) })}
            </Chip>
          ) : may.accept ? (
            <button type="button" class="button" value={item.item_id} onClick={() => void accept(item)}>
              {say("shift.accept")}
              <span class="unseen"> {itemTitle(item)}</span>
            </button>
          ) : (
            <span class="soft">{say("shift.open")}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

function buttons(list: HTMLElement | null): HTMLButtonElement[] {
  return [...(list?.querySelectorAll<HTMLButtonElement>("button") ?? [])];
}

function Ends({ handover, may, command }: HandoverProps) {
  const [sure, setSure] = useState(false);
  const path = `/handover/${handover.handover_id}`;
  const open = left(handover).length;
  const complete = async () => {
    if (await command(`${path}/completion`, {}, crypto.randomUUID())) announce(say("shift.completed"));
    setSure(false);
  };
  const withdraw = async () => {
    if (await command(`${path}/withdrawal`, {}, crypto.randomUUID())) announce(say("shift.withdrawn"));
  };
  return (
    <div class="row actions" hidden={!may.accept && !may.withdraw}>
      {may.accept && (
        <button
          type="button"
          id="complete-handover"
          class={`button${open ? "" : " first"}`}
          onClick={() => (open ? setSure(true) : void complete())}
        >
          {say("shift.complete")}
        </button>
      )}
      {may.withdraw && (
        <button type="button" class="button" onClick={() => void withdraw()}>
          {say("shift.withdraw")}
        </button>
      )}
      {sure && (
        <Dialog title={say("shift.complete")} close={() => setSure(false)}>
          <p>{say("shift.leaves", { count: open, who: actorWord(handover.from) })}</p>
          <p class="soft">
            {say("shift.progress", { accepted: handover.items.length - open, of: handover.items.length })}
          </p>
          <div class="row">
            <button type="button" class="button first" onClick={() => void complete()}>
              {say("shift.completeAnyway", { count: number(open) })}
            </button>
            <button type="button" class="button" onClick={() => setSure(false)}>
              {say("cancel")}
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
