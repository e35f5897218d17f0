// Who is in a zone: how many of each delegation and category, and each of them; by name only if somebody asks.
import { mayDo } from "@placet/kit/api.ts";
import { named, number, say, time } from "@placet/kit/language.ts";
import { Card } from "@placet/kit/ui/card.tsx";
import { useState } from "preact/hooks";
import { category } from "../people.ts";
import { lookedAt, picture } from "../store.ts";
import { ROLL_KEEPERS, type Roll, rollOf } from "../zones.ts";
import { useAnswer } from "./answer.ts";
import { ShowNames, useNames, Who } from "./names.tsx";
import { ProblemNote } from "./problem.tsx";
import { Scrolls } from "./scrolls.tsx";

const AGAIN_MS = 5_000;
const MOST_DELEGATIONS = 12;
const A_PAGE = 50; // people: as many as one question for names takes

export function WhoIsIn({ zoneId }: { zoneId: string }) {
  const past = lookedAt.value;
  const may = mayDo(...ROLL_KEEPERS);
  const { value, error, waiting } = useAnswer<Roll>(may ? rollOf(zoneId, past) : null, past ? undefined : AGAIN_MS);
  if (!may) return null;
  return (
    <Card title={say(past ? "zone.whoWasIn" : "zone.whoIsIn")} class="who-is-in">
      <ProblemNote error={error} />
      {waiting && <p role="status">{say("loading")}</p>}
      {value && <Shares roll={value} />}
      {value && <People roll={value} />}
    </Card>
  );
}

function Shares({ roll }: { roll: Roll }) {
  const [all, showAll] = useState(false);
  const delegations = all ? roll.by_delegation : roll.by_delegation.slice(0, MOST_DELEGATIONS);
  return (
    <>
      <p>
        {say("zone.roll", { count: roll.people.length })}
        {roll.unidentified !== 0 && ` ${say("zone.unidentified", { count: roll.unidentified })}`}
      </p>
      <div class="shares">
        <div>
          <ShareTable
            title={say("zone.byDelegation")}
            rows={delegations.map((one) => ({
              id: one.delegation_id ?? "",
              text: delegationName(one.delegation_id),
              href: one.delegation_id ? `/delegations/${one.delegation_id}` : null,
              people: one.people,
            }))}
          />
          {!all && roll.by_delegation.length > MOST_DELEGATIONS && (
            <button type="button" class="button small" onClick={() => showAll(true)}>
              {say("zone.allDelegations", { count: roll.by_delegation.length })}
            </button>
          )}
        </div>
        <ShareTable
          title={say("zone.byCategory")}
          rows={roll.by_category.map((one) => ({
            id: one.category ?? "",
            text: category(one.category),
            href: null,
            people: one.people,
          }))}
        />
      </div>
    </>
  );
}

interface ShareRow {
  id: string;
  text: string;
  href: string | null;
  people: number;
}

function ShareTable({ title, rows }: { title: string; rows: readonly ShareRow[] }) {
  const top = Math.max(1, ...rows.map((row) => row.people));
  if (!rows.length) return null;
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col" class="number">
            {say("zones.people")}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} data-share={row.id}>
            <th scope="row" title={row.text}>
              {row.href ? (
                <a href={row.href}>
                  <bdi class="long">{row.text}</bdi>
                </a>
              ) : (
                <bdi class="long">{row.text}</bdi>
              )}
              <span class="share" style={{ inlineSize: `${(100 * row.people) / top}%` }} aria-hidden="true" />
            </th>
            <td class="number">{number(row.people)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function delegationName(id: string | null): string {
  if (!id) return say("people.delegationUnknown");
  return named(picture.value?.funnel?.find((one) => one.delegation_id === id)?.names ?? {}, id);
}

function People({ roll }: { roll: Roll }) {
  const [most, more] = useState(A_PAGE);
  const listed = roll.people.slice(0, most);
  const ids = listed.map((one) => one.person_id);
  const names = useNames(ids, "zones");
  if (!listed.length) return null;
  return (
    <>
      <h3>{say("zone.peopleHere")}</h3>
      <ShowNames names={names} count={listed.length} missing={ids.filter((id) => !names.known.has(id)).length} />
      <Scrolls label={say("zone.peopleHere")} class="people-list">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{say("people.person")}</th>
              <th scope="col">{say("people.delegation")}</th>
              <th scope="col">{say("people.category")}</th>
              <th scope="col">{say("zone.since")}</th>
            </tr>
          </thead>
          <tbody>
            {listed.map((one) => (
              <tr key={one.person_id} data-person={one.person_id}>
                <th scope="row">
                  <Who id={one.person_id} named={names.known.get(one.person_id)} />
                </th>
                <td>
                  <bdi class="long">{delegationName(one.delegation_id)}</bdi>
                </td>
                <td>{category(one.category)}</td>
                <td>
                  <time dateTime={one.since}>{time(one.since)}</time>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
      {roll.people.length > most && (
        <button type="button" class="button small" onClick={() => more(most + A_PAGE)}>
          {say("zone.morePeople", { count: roll.people.length - most })}
        </button>
      )}
    </>
  );
}
