// Events that could not be applied, and what somebody may do about them: try again, or give them up for ever.
import { mayDo, post } from "@placet/kit/api.ts";
import { dateTime, say } from "@placet/kit/language.ts";
import { Card } from "@placet/kit/ui/card.tsx";
import { Dialog } from "@placet/kit/ui/dialog.tsx";
import { Icon } from "@placet/kit/ui/icon.tsx";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { careOf, type HouseRecord, type Parked, parked } from "../record.ts";
import { ProblemNote } from "./problem.tsx";

export function DeadLetters({ shown, done }: { shown: HouseRecord; done: (told: string) => void }) {
  const waiting = parked(shown);
  const silent = shown.services.filter((one) => one.dead_letters === null);
  const [given, setGiven] = useState<Parked | null>(null);
  const count = waiting.reduce((sum, one) => sum + one.letters.length, 0);
  return (
    <Card title={say("record.deadLetters", { count })} class="dead-letters">
      <p class="soft">{say("record.deadLettersAre")}</p>
      {silent.length > 0 && (
        <p class="soft">
          {say("record.notKnownOf", { services: silent.map((one) => say(`service.${one.service}`)).join(", ") })}
        </p>
      )}
      {waiting.length > 0 ? (
        <ul class="list">
          {waiting.map((one) => (
            <li key={`${one.service} ${one.source} ${one.about}`}>
              <ParkedEvents one={one} done={done} discard={() => setGiven(one)} />
            </li>
          ))}
        </ul>
      ) : (
        <p>
          <Icon name="fine" /> {say("record.noDeadLetters")}
        </p>
      )}
      {given && (
        <Discarding
          one={given}
          close={() => setGiven(null)}
          done={(told) => {
            setGiven(null);
            done(told);
          }}
        />
      )}
    </Card>
  );
}

interface ParkedProps {
  one: Parked;
  done: (told: string) => void;
  discard: () => void;
}

function ParkedEvents({ one, done, discard }: ParkedProps) {
  const { service, source, about, letters, readers } = one;
  const [first] = letters;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const retry = async () => {
    setBusy(true);
    setError(null);
    try {
      await post(careOf(service, "retry"), { source, about });
      done(say("record.retried", { count: letters.length }));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="parked stack" data-about={about}>
      <div>
        <h3>
          {say("record.parkedOf", { service: say(`service.${service}`), source: say(`service.${source}`) })}{" "}
          <span class="mono">{about}</span>
        </h3>
        {first && (
          <p>
            {say("record.parkedEvents", { count: letters.length })}{" "}
            <span class="soft">
              {say("record.first", {
                number: String(first.number),
                type: first.type,
                error: first.error,
                time: dateTime(first.parked_at),
              })}
            </span>
          </p>
        )}
        <p class="soft">
          {say("record.waitsFor")} <span class="mono">{readers.join(", ")}</span>
        </p>
      </div>
      {mayDo("admin") && (
        <div class="row">
          <button type="button" class="button" disabled={busy} onClick={() => void retry()}>
            {say("record.retry")}
          </button>
          <button type="button" class="button grave" disabled={busy} onClick={discard}>
            {say("record.discard")}
          </button>
        </div>
      )}
      <ProblemNote error={error} />
    </div>
  );
}

// What is given up is never applied: this service will go on without having heard of it.
function Discarding({ one, close, done }: { one: Parked; close: () => void; done: (told: string) => void }) {
  const { service, source, about, letters } = one;
  const key = useMemo(() => crypto.randomUUID(), []);
  const [ticked, setTicked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const tick = useRef<HTMLInputElement>(null);
  useEffect(() => tick.current?.focus(), []);
  const discard = async () => {
    setBusy(true);
    setError(null);
    try {
      await post(careOf(service, "discard"), { source, about }, key);
      done(say("record.discarded", { count: letters.length }));
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={say("record.discardTitle")} close={() => !busy && close()}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ticked && !busy) void discard();
        }}
      >
        <p>
          {say("record.discardSays", { count: letters.length, service: say(`service.${service}`) })}{" "}
          <span class="mono">{about}</span>
        </p>
        <ul class="letters mono">
          {letters.map((letter) => (
            <li key={`${letter.reader} ${letter.number}`}>
              {String(letter.number)} {letter.type}
            </li>
          ))}
        </ul>
        <label class="tick">
          <input
            type="checkbox"
            ref={tick}
            checked={ticked}
            onChange={(event) => setTicked(event.currentTarget.checked)}
          />
          {say("record.discardTick")}
        </label>
        <ProblemNote error={error} />
        <div class="row ends">
          <button type="button" class="button" disabled={busy} onClick={close}>
            {say("cancel")}
          </button>
          <button type="submit" class="button grave first" disabled={!ticked || busy}>
            {say("record.discardNow")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
