// Heads were counted in a zone: what was counted is believed from now on.
import { post } from "@placet/kit/api.ts";
import { isolated, named, say } from "@placet/kit/language.ts";
import { announce } from "@placet/kit/ui/announcer.tsx";
import { Dialog } from "@placet/kit/ui/dialog.tsx";
import { Field } from "@placet/kit/ui/field.tsx";
import { useState } from "preact/hooks";
import type { Zone } from "../picture.ts";
import { ProblemNote } from "./problem.tsx";

const MOST = 1_000_000;

/** What was typed as a number of heads; null: that is none. */
export function heads(typed: string): number | null {
  const text = typed.trim();
  if (!/^\d{1,7}$/.test(text)) return null;
  return Number(text) <= MOST ? Number(text) : null;
}

export function HandCount({ zone, close }: { zone: Zone; close: () => void }) {
  const [key] = useState(() => crypto.randomUUID());
  const [typed, type] = useState("");
  const [tried, tryIt] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const counted = heads(typed);
  const name = isolated(named(zone.names, zone.zone_id));
  const send = async (event: Event) => {
    event.preventDefault();
    tryIt(true);
    if (counted === null) return;
    setBusy(true);
    setError(null);
    try {
      await post(`/v1/via/access/zones/${zone.zone_id}/count`, { counted, reason: "hand_count" }, `${key}-${counted}`);
      announce(say("count.done", { zone: name, count: counted }));
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={say("count.title", { zone: name })} close={close}>
      <form class="stack" onSubmit={(event) => void send(event)} noValidate>
        <p>{say("count.says", { count: zone.count })}</p>
        <Field
          label={say("count.counted")}
          hint={say("count.hint")}
          wrong={tried && counted === null ? say("count.wrong") : undefined}
        >
          {(ids) => (
            <input
              {...ids}
              class="input"
              inputMode="numeric"
              autocomplete="off"
              value={typed}
              onInput={(event) => type(event.currentTarget.value)}
            />
          )}
        </Field>
        <ProblemNote error={error} />
        <p class="row">
          <button type="submit" class="button first" disabled={busy}>
            {say("count.send")}
          </button>
          <button type="button" class="button" onClick={close}>
            {say("cancel")}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
