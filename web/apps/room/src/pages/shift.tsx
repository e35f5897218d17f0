// Who is on duty, and the hand-over: every open item is accepted by itself, or stays with whoever goes.
import { post, session } from "@placet/kit/api.ts";
import { dateTime, say } from "@placet/kit/language.ts";
import { announce } from "@placet/kit/ui/announcer.tsx";
import { Card } from "@placet/kit/ui/card.tsx";
import { useEffect, useState } from "preact/hooks";
import { useAnswer } from "../parts/answer.ts";
import { actorWord, age } from "../parts/incident.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { HandoverCard } from "../parts/shift-handover.tsx";
import { ItemWords, itemTitle } from "../parts/shift-item.tsx";
import { OfferDialog } from "../parts/shift-offer.tsx";
import { type Command, type Handover, type Kept, left, type MayDo, mayDoNow, onDutyAt, type Shifts } from "../shift.ts";
import { isStale, lookedAt, picture } from "../store.ts";
import "../parts/parts.css";
import "./shift.css";

const AGAIN_MS = 5_000;
const NOTHING: MayDo = { start: false, offer: false, accept: false, withdraw: false, acceptKept: false };

export default function Page() {
  const { value, error, again } = useAnswer<Shifts>("/v1/shift", AGAIN_MS);
  const [answered, setAnswered] = useState<Shifts | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const told = picture.value?.shift;
  const moved = told && `${told.on_duty} ${told.handover?.handover_id} ${told.handover?.accepted_items}`;
  useEffect(() => {
    if (moved) again();
  }, [moved]);
  useEffect(() => setAnswered(null), [value]); // what was asked later is newer than what a command answered
  const shifts = answered ?? value;

  const command: Command = async (path, body, key) => {
    setProblem(null);
    try {
      setAnswered(await post<Shifts>(`/v1/shift${path}`, body, key));
      return true;
    } catch (failed) {
      setProblem(failed);
      again();
      return false;
    }
  };

  if (!shifts) return error ? <ProblemNote error={error} /> : <p role="status">{say("loading")}</p>;
  const { actor = null, roles = [] } = session.value ?? {};
  const may = lookedAt.value ? NOTHING : mayDoNow(shifts, actor, roles);
  const past = shifts.past.filter((one) => !lookedAt.value || one.ended_at <= lookedAt.value);
  return (
    <div class={`shift-page${isStale.value ? " old" : ""}`}>
      <h1 class="unseen">{say("page.shift")}</h1>
      <ProblemNote error={problem ?? error} />
      {lookedAt.value ? (
        <Card title={say("shift.onDuty")}>
          <p class="duty">
            <bdi>{actorWord(onDutyAt(shifts, lookedAt.value))}</bdi>
          </p>
          <p class="soft">{say("shift.pastNote")}</p>
        </Card>
      ) : (
        <>
          <OnDuty shifts={shifts} may={may} command={command} />
          {shifts.handover && <HandoverCard handover={shifts.handover} may={may} command={command} />}
          {shifts.kept.length > 0 && <KeptItems kept={shifts.kept} may={may} command={command} />}
        </>
      )}
      <Past past={past} />
    </div>
  );
}

interface PartProps {
  may: MayDo;
  command: Command;
}

function OnDuty({ shifts, may, command }: PartProps & { shifts: Shifts }) {
  const [offering, offer] = useState(false);
  const start = async () => {
    if (await command("/start", {}, crypto.randomUUID())) announce(say("shift.started"));
  };
  return (
    <Card title={say("shift.onDuty")}>
      <p class="duty">
        {shifts.on_duty ? <bdi title={shifts.on_duty}>{actorWord(shifts.on_duty)}</bdi> : say("shift.nobody")}
      </p>
      {shifts.since && (
        <p class="soft">
          {say("shift.since", { time: dateTime(shifts.since) })} ({age(shifts.since)})
        </p>
      )}
      <div class="row actions" hidden={!may.start && !may.offer}>
        {may.start && (
          <button type="button" class="button first" onClick={() => void start()}>
            {say("shift.start")}
          </button>
        )}
        {may.offer && (
          <button type="button" class="button first" onClick={() => offer(true)}>
            {say(shifts.on_duty === session.value?.actor ? "shift.handOver" : "shift.relieve")}
          </button>
        )}
      </div>
      {offering && may.offer && <OfferDialog command={command} close={() => offer(false)} />}
    </Card>
  );
}

function KeptItems({ kept, may, command }: PartProps & { kept: Kept[] }) {
  const accept = (one: Kept) =>
    command(`/handover/${one.handover_id}/items/${one.item_id}/acceptance`, {}, crypto.randomUUID());
  return (
    <Card title={say("shift.kept")} aside={<span class="soft">{say("shift.keptHint")}</span>}>
      <ul class="items">
        {kept.map((one) => (
          <li key={one.item_id} data-item={one.kind}>
            <ItemWords item={one} />
            <div class="row">
              <bdi class="soft">{say("shift.with", { who: actorWord(one.officer) })}</bdi>
              {may.acceptKept && (
                <button type="button" class="button" onClick={() => void accept(one)}>
                  {say("shift.take")}
                  <span class="unseen"> {itemTitle(one)}</span>
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Past({ past }: { past: (Handover & { ended_at: string })[] }) {
  return (
    <Card title={say("shift.past")}>
      {!past.length && <p class="soft">{say("shift.pastNone")}</p>}
      <ul class="past-shifts">
        {past.map((one) => (
          <li key={one.handover_id}>
            <details>
              <summary>
                {dateTime(one.ended_at)} · <bdi>{actorWord(one.from)}</bdi> {say("shift.to")}{" "}
                <bdi>{actorWord(one.to)}</bdi> ·{" "}
                {say("shift.progress", { accepted: one.items.length - left(one).length, of: one.items.length })}
              </summary>
              <ul class="items">
                {one.items.map((item) => (
                  <li key={item.item_id} data-item={item.kind}>
                    <ItemWords item={item} />
                    <span class="soft">
                      {item.accepted_by
                        ? say("shift.acceptedBy", { who: actorWord(item.accepted_by) })
                        : say("shift.stayed", { who: actorWord(one.from) })}
                    </span>
                  </li>
                ))}
              </ul>
            </details>
          </li>
        ))}
      </ul>
    </Card>
  );
}
