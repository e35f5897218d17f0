// People accounted for while a zone is being evacuated: the list compared with the assembly points.
import { post } from "@placet/kit/api.ts";
import { named, number, say } from "@placet/kit/language.ts";
import { announce } from "@placet/kit/ui/announcer.tsx";
import { Meter } from "@placet/kit/ui/meter.tsx";
import { useMemo, useState } from "preact/hooks";
import type { Muster, MusterNumbers, Reconciled } from "../orders.ts";
import { lookedAt, picture } from "../store.ts";
import { useAnswer } from "./answer.ts";
import { ShowNames, useNames, Who } from "./names.tsx";
import { zoneName } from "./order-words.ts";
import { ProblemNote } from "./problem.tsx";
import { Scrolls } from "./scrolls.tsx";
import { useSeen } from "./seen.ts";

const EVERY_MS = 3_000;
const MOST_PEOPLE = 50;

export function MusterList({ id, mayReconcile }: { id: string; mayReconcile: boolean }) {
  const every = useSeen() ? EVERY_MS : undefined;
  const { value: shown, error, again } = useAnswer<Muster>(`/v1/via/access/evacuations/${id}`, every);
  if (!shown) return error ? <ProblemNote error={error} /> : <p class="soft">{say("loading")}</p>;
  const where = shown.zones.map(zoneName).join(", ");
  const missing = (shown.people ?? []).filter((one) => one.standing === "missing");
  return (
    <div class="stack muster">
      <Numbers shown={shown} />
      {Boolean(error) && <p class="soft stale">{say("orders.musterOld")}</p>}
      {mayReconcile && !lookedAt.value && <Reconciling id={id} again={again} />}
      <Table
        caption={say("orders.byZone")}
        label={`${say("orders.byZone")}: ${where}`}
        rows={shown.by_zone.map((one) => ({ ...one, key: one.zone_id, name: zoneName(one.zone_id) }))}
      />
      <Table
        caption={say("orders.byDelegation")}
        label={`${say("orders.byDelegation")}: ${where}`}
        rows={shown.by_delegation.map((one) => ({
          ...one,
          key: one.delegation_id ?? "",
          name: delegationName(one.delegation_id),
          href: one.delegation_id ? `/delegations/${one.delegation_id}` : undefined,
        }))}
      />
      {missing.length > 0 && <Missing people={missing} />}
    </div>
  );
}

function delegationName(id: string | null): string {
  if (id === null) return say("orders.noDelegation");
  return named(picture.value?.funnel?.find((one) => one.delegation_id === id)?.names ?? {}, id);
}

function Missing({ people }: { people: NonNullable<Muster["people"]> }) {
  const listed = people.slice(0, MOST_PEOPLE);
  const ids = listed.map((one) => one.person_id);
  const names = useNames(ids, "orders");
  return (
    <details>
      <summary>{say("orders.missingPeople", { count: people.length })}</summary>
      <ShowNames names={names} count={ids.length} missing={ids.filter((id) => !names.known.has(id)).length} />
      <ul class="list people">
        {listed.map((one) => (
          <li key={one.person_id}>
            <Who id={one.person_id} named={names.known.get(one.person_id)} />
            <bdi>{delegationName(one.delegation_id)}</bdi>
            <bdi class="soft">{zoneName(one.zone_id)}</bdi>
          </li>
        ))}
      </ul>
      {people.length > MOST_PEOPLE && <p class="soft">{say("orders.more", { count: people.length - MOST_PEOPLE })}</p>}
    </details>
  );
}

function Numbers({ shown }: { shown: Muster }) {
  const accounted = shown.expected - shown.missing;
  const figures = [
    ["mustered", shown.mustered],
    ["left", shown.left],
    ["missing", shown.missing],
    ["unexpected", shown.unexpected],
    ["nameless", shown.nameless],
    ["unknown", Math.max(0, shown.unknown)],
  ] as const;
  return (
    <>
      <p>
        <b class="large">{say("orders.accounted", { accounted, expected: shown.expected })}</b>
      </p>
      <Meter value={accounted} most={shown.expected} kind="normal" label={say("orders.accountedLabel")} />
      <dl class="numbers">
        {figures.map(([what, count]) => (
          <div key={what} data-muster={what}>
            <dt>{say(`orders.muster.${what}`)}</dt>
            <dd>{number(count)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

// One intention a press: pressed again after a failure it is the same, after an answer another.
function Reconciling({ id, again }: { id: string; again: () => void }) {
  const [count, setCount] = useState(0);
  const key = useMemo(() => crypto.randomUUID(), [count]);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [found, setFound] = useState<Reconciled | null>(null);
  const reconcile = async () => {
    setBusy(true);
    setError(null);
    try {
      const told = await post<Reconciled>(`/v1/via/access/evacuations/${id}/reconciliation`, {}, key);
      setFound(told);
      setCount(count + 1);
      announce(say("orders.reconciled", { ...told }));
      again();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="row">
      <button type="button" class="button" disabled={busy} onClick={() => void reconcile()}>
        {say("orders.reconcile")}
      </button>
      {found && <p class="reconciled">{say("orders.reconciled", { ...found })}</p>}
      <ProblemNote error={error} />
    </div>
  );
}

interface Row extends MusterNumbers {
  key: string;
  name: string;
  href?: string | undefined;
}

// Where most are missing comes first.
function Table({ caption, label, rows }: { caption: string; label: string; rows: Row[] }) {
  if (!rows.length) return null;
  const ordered = [...rows].sort((one, other) => other.missing - one.missing || one.key.localeCompare(other.key));
  return (
    <Scrolls label={label}>
      <table class="table">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{say("orders.muster.of")}</th>
            {(["expected", "mustered", "left", "missing"] as const).map((one) => (
              <th key={one} scope="col" class="number">
                {say(`orders.muster.${one}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ordered.map((one) => (
            <tr key={one.key}>
              <th scope="row">
                {one.href ? (
                  <a href={one.href}>
                    <bdi title={one.name}>{one.name}</bdi>
                  </a>
                ) : (
                  <bdi title={one.name}>{one.name}</bdi>
                )}
              </th>
              <td class="number">{number(one.expected)}</td>
              <td class="number">{number(one.mustered)}</td>
              <td class="number">{number(one.left)}</td>
              <td class="number">{one.missing > 0 ? <strong>{number(one.missing)}</strong> : number(0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}
