// What may be done with a badge: suspended, given back its rights, revoked. Revoking is for good, and takes two steps.
import { mayDo, post } from "@placet/kit/api.ts";
import { say } from "@placet/kit/language.ts";
import { announce } from "@placet/kit/ui/announcer.tsx";
import { Dialog } from "@placet/kit/ui/dialog.tsx";
import { Field } from "@placet/kit/ui/field.tsx";
import { options } from "@placet/kit/ui/options.tsx";
import { useState } from "preact/hooks";
import { type BadgeStatus, REVOKERS, SUSPENDERS, short } from "../people.ts";
import { statusAfter } from "./path.ts";
import { ProblemNote } from "./problem.tsx";

type Action = "suspension" | "reinstatement" | "revocation";

const REASONS: Readonly<Record<Action, readonly string[]>> = {
  suspension: ["identity_check", "conduct", "investigation", "request_of_delegation"],
  reinstatement: [],
  revocation: ["misuse", "conduct", "security_risk", "accreditation_withdrawn", "request_of_delegation"],
};

/** What somebody with these rights may do with a badge that stands so. */
export function actionsOn(status: BadgeStatus, may: { suspend: boolean; revoke: boolean }): Action[] {
  if (status === "revoked") return [];
  const found: Action[] = [];
  if (may.suspend) found.push(status === "suspended" ? "reinstatement" : "suspension");
  if (may.revoke) found.push("revocation");
  return found;
}

interface BadgeActionsProps {
  badgeId: string;
  status: BadgeStatus;
  done: (status: BadgeStatus) => void;
}

export function BadgeActions({ badgeId, status, done }: BadgeActionsProps) {
  const [open, setOpen] = useState<Action | null>(null);
  const actions = actionsOn(status, { suspend: mayDo(...SUSPENDERS), revoke: mayDo(...REVOKERS) });
  if (!actions.length) return null;
  return (
    <>
      <span class="row">
        {actions.map((action) => (
          <button
            key={action}
            type="button"
            class={`button small${action === "revocation" ? " grave" : ""}`}
            onClick={() => setOpen(action)}
          >
            {say(`badge.do.${action}`)}
          </button>
        ))}
      </span>
      {open && (
        <Confirm key={open} action={open} badgeId={badgeId} status={status} done={done} close={() => setOpen(null)} />
      )}
    </>
  );
}

function Confirm({ action, badgeId, done, close }: BadgeActionsProps & { action: Action; close: () => void }) {
  const [key] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState("");
  const [sure, setSure] = useState(action !== "revocation");
  const [tried, tryIt] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const reasons = REASONS[action];
  const send = async (event: Event) => {
    event.preventDefault();
    tryIt(true);
    if (!sure || (reasons.length && !reason)) return;
    setBusy(true);
    setError(null);
    try {
      const body = reasons.length ? { reason } : {};
      const path = `/v1/via/accreditation/badges/${badgeId}/${action}`;
      const badge = await post<Parameters<typeof statusAfter>[0]>(path, body, `${key}-${reason}`);
      announce(say(`badge.done.${action}`));
      done(statusAfter(badge));
      close();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const values = { badge: short(badgeId) };
  return (
    <Dialog title={say(`badge.do.${action}`)} close={close}>
      <form class="stack" onSubmit={(event) => void send(event)} noValidate>
        <p>{say(`badge.says.${action}`, values)}</p>
        {reasons.length > 0 && (
          <Field label={say("badge.reason")} wrong={tried && !reason ? say("badge.reasonWanted") : undefined}>
            {(ids) => (
              <select {...ids} class="input" value={reason} onChange={(event) => setReason(event.currentTarget.value)}>
                <option value="">{say("badge.choose")}</option>
                {options(reasons, (one) => say(`badge.reason.${one}`))}
              </select>
            )}
          </Field>
        )}
        {action === "revocation" && (
          <label class="sure">
            <input type="checkbox" checked={sure} onChange={(event) => setSure(event.currentTarget.checked)} />{" "}
            <span>{say("badge.sure")}</span>
          </label>
        )}
        <ProblemNote error={error} />
        <p class="row">
          <button
            type="submit"
            class={`button first${action === "revocation" ? " grave" : ""}`}
            disabled={busy || !sure}
          >
            {say(`badge.do.${action}`)}
          </button>
          <button type="button" class="button" onClick={close}>
            {say("cancel")}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
