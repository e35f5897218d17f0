// A grave order in two steps: where, why and what will happen; then a proof that it is meant.
import { Problem, post } from "@placet/kit/api.ts";
import { isolated, named, number, say } from "@placet/kit/language.ts";
import { announce } from "@placet/kit/ui/announcer.tsx";
import { Dialog } from "@placet/kit/ui/dialog.tsx";
import { Field } from "@placet/kit/ui/field.tsx";
import { options } from "@placet/kit/ui/options.tsx";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { command, isProven, Keys, LEVELS, type Order, proof, REASONS, reach } from "../orders.ts";
import { livePicture } from "../store.ts";
import { effects, given, placeOf, reasonWord } from "./order-words.ts";
import { sentence } from "./problem.tsx";

const WHOLE_VENUE = "*";

/** What an order begins as: one that says all it has to is only confirmed. */
export type Begun = { what: "lockdown" | "evacuation" | "threat" } | Extract<Order, { what: "lifting" | "allClear" }>;

interface OrderDialogProps {
  begun: Begun;
  close: () => void;
  /** It was obeyed; `told` says so in a sentence. */
  done: (told: string) => void;
}

export function OrderDialog({ begun, close, done }: OrderDialogProps) {
  const whole = begun.what === "lifting" || begun.what === "allClear" ? begun : null;
  const [order, setOrder] = useState<Order | null>(whole);
  const [isSure, setSure] = useState(whole !== null);
  const [busy, setBusy] = useState(false);
  const keys = useMemo(() => new Keys(), []);
  const leave = () => !busy && close();
  return (
    <Dialog title={say(`orders.${begun.what}.title`)} close={leave}>
      {isSure && order ? (
        <Confirmation
          order={order}
          keys={keys}
          busy={busy}
          setBusy={setBusy}
          back={whole ? null : () => setSure(false)}
          leave={leave}
          done={done}
        />
      ) : (
        <Form
          what={begun.what as keyof typeof REASONS}
          order={order}
          leave={leave}
          go={(said) => {
            setOrder(said);
            setSure(true);
          }}
        />
      )}
    </Dialog>
  );
}

interface FormProps {
  what: keyof typeof REASONS;
  order: Order | null;
  leave: () => void;
  go: (order: Order) => void;
}

function Form({ what, order, leave, go }: FormProps) {
  const [place, setPlace] = useState(order && "zone_id" in order ? (order.zone_id ?? WHOLE_VENUE) : "");
  const [reason, setReason] = useState(order && "reason" in order ? order.reason : "");
  const [level, setLevel] = useState(order?.what === "threat" ? String(order.level) : "");
  const said = spoken(what, place, reason, level);
  const shown = livePicture.value;
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (said) go(said);
      }}
    >
      {what === "threat" ? (
        <Field label={say("orders.level")} hint={say("orders.levelHint")}>
          {(ids) => (
            <select class="input" value={level} onChange={(event) => setLevel(event.currentTarget.value)} {...ids}>
              <option value="">{say("orders.choose")}</option>
              {options(LEVELS, (one) => (one === 0 ? say("orders.levelNone") : number(one)))}
            </select>
          )}
        </Field>
      ) : (
        <Field label={say("orders.where")}>
          {(ids) => (
            <select class="input" value={place} onChange={(event) => setPlace(event.currentTarget.value)} {...ids}>
              <option value="">{say("orders.choose")}</option>
              <option value={WHOLE_VENUE}>{say("orders.wholeVenue")}</option>
              {[...(shown?.zones ?? [])]
                .sort((one, other) => one.order - other.order)
                .map((one) => (
                  <option key={one.zone_id} value={one.zone_id}>
                    {`${"\u2003".repeat(one.depth)}${named(one.names, one.zone_id)}`}
                  </option>
                ))}
            </select>
          )}
        </Field>
      )}
      <Field label={say("orders.why")}>
        {(ids) => (
          <select class="input" value={reason} onChange={(event) => setReason(event.currentTarget.value)} {...ids}>
            <option value="">{say("orders.choose")}</option>
            {options(REASONS[what], reasonWord)}
          </select>
        )}
      </Field>
      {said && <Effects order={said} />}
      <div class="row ends">
        <button type="button" class="button" onClick={leave}>
          {say("cancel")}
        </button>
        <button type="submit" class="button first" disabled={!said}>
          {say("orders.continue")}
        </button>
      </div>
    </form>
  );
}

function spoken(what: FormProps["what"], place: string, reason: string, level: string): Order | null {
  if (!reason) return null;
  if (what === "threat") return level ? { what, level: Number(level), reason } : null;
  return place ? { what, zone_id: place === WHOLE_VENUE ? null : place, reason } : null;
}

function Effects({ order }: { order: Order }) {
  return (
    <div class="effects">
      <h3>{say("orders.willHappen")}</h3>
      <ul>
        {effects(order, reachOf(order)).map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </div>
  );
}

function reachOf(order: Order) {
  if (order.what === "threat") return reach(livePicture.value, null);
  if (order.what === "allClear") return reach(livePicture.value, order.zone_ids);
  return reach(livePicture.value, order.zone_id === null ? null : [order.zone_id]);
}

interface ConfirmationProps {
  order: Order;
  keys: Keys;
  busy: boolean;
  setBusy: (busy: boolean) => void;
  back: (() => void) | null;
  leave: () => void;
  done: (told: string) => void;
}

function Confirmation({ order, keys, busy, setBusy, back, leave, done }: ConfirmationProps) {
  const [ticked, setTicked] = useState(false);
  const [typed, setTyped] = useState("");
  const [error, setError] = useState<unknown>(null);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  // What is asked for stays as it was when the step began: people move while somebody types.
  const wanted = useMemo(() => proof(order, reachOf(order), say("orders.wholeVenue")), []);
  const isMeant = isProven(wanted, { ticked, typed });
  const give = async () => {
    setBusy(true);
    setError(null);
    const { path, body } = command(order);
    try {
      await post(path, body, keys.of(order));
      const told = given(order);
      announce(told);
      done(told);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isMeant && !busy) void give();
      }}
    >
      <p class="place">
        <bdi title={placeOf(order)}>{placeOf(order)}</bdi>
        {"reason" in order && <span class="soft">{reasonWord(order.reason)}</span>}
      </p>
      <Effects order={order} />
      {wanted.by === "tick" ? (
        <label class="tick">
          <input
            type="checkbox"
            ref={first}
            checked={ticked}
            onChange={(event) => setTicked(event.currentTarget.checked)}
          />
          {say(`orders.${order.what}.tick`)}
        </label>
      ) : (
        <Field label={say("orders.type", { name: isolated(wanted.name) })} hint={say("orders.typeHint")}>
          {(ids) => (
            <input
              class="input"
              ref={first}
              value={typed}
              autocomplete="off"
              spellcheck={false}
              onInput={(event) => setTyped(event.currentTarget.value)}
              {...ids}
            />
          )}
        </Field>
      )}
      {Boolean(error) && (
        <p class="problem" role="alert">
          {unsure(error) ? say("orders.unsure") : sentence(error)}
        </p>
      )}
      <div class="row ends">
        <button type="button" class="button" onClick={back ?? leave} disabled={busy}>
          {say(back ? "orders.back" : "cancel")}
        </button>
        <button type="submit" class="button grave first" disabled={!isMeant || busy}>
          {busy ? say("orders.giving") : say(`orders.${order.what}.give`)}
        </button>
      </div>
    </form>
  );
}

// Whether it was obeyed is not known; asking again with the same key does nothing twice.
function unsure(error: unknown): boolean {
  return error instanceof Problem && (error.status === 0 || error.status >= 500);
}
