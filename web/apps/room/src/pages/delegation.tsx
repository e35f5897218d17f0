// One delegation, as its liaison officer needs it: how many are here, where its head is, and who belongs to it.
import { isolated, named, number, say } from "@placet/kit/language.ts";
import { Card } from "@placet/kit/ui/card.tsx";
import { Chip } from "@placet/kit/ui/chip.tsx";
import { Icon } from "@placet/kit/ui/icon.tsx";
import { useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import { useAnswer } from "../parts/answer.ts";
import { LastSeen } from "../parts/last-seen.tsx";
import { type Names, ShowNames, useNames, Who } from "../parts/names.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Scrolls } from "../parts/scrolls.tsx";
import { Segments } from "../parts/segments.tsx";
import { category, type Delegation, kind, type Member } from "../people.ts";
import { lookedAt, picture, zone } from "../store.ts";
import "../parts/parts.css";
import "./delegation.css";

const AGAIN_MS = 5_000;

export default function DelegationPage() {
  const { id = "" } = useRoute().params;
  return <Shown key={id} id={id} />;
}

function Shown({ id }: { id: string }) {
  const past = lookedAt.value;
  const asked = useAnswer<Delegation>(`/v1/delegations/${encodeURIComponent(id)}`, past ? undefined : AGAIN_MS);
  const shown = asked.value;
  const names = useNames(shown?.people.map((one) => one.person_id) ?? [], "delegations");
  return (
    <div class="delegation-page stack">
      <p>
        <a href="/people">{say("people.title")}</a>
      </p>
      <ProblemNote error={asked.error} />
      {asked.waiting && <p role="status">{say("loading")}</p>}
      {shown && (
        <>
          <div class="page-head">
            <h1 title={named(shown.names)}>
              <bdi class="long">{named(shown.names, id)}</bdi>
            </h1>
            <span class="row">
              <Chip>{kind(shown.kind)}</Chip>
              <Chip kind={shown.confirmed ? "fine" : "nearly"} icon={shown.confirmed ? "fine" : "nearly"}>
                {say(shown.confirmed ? "people.confirmed" : "people.unconfirmed")}
              </Chip>
            </span>
          </div>
          <div class="about">
            <Card title={say("people.insideNow")}>
              <p class="big" id="head-count">
                {number(past ? insideThen(id) : shown.inside)}
                <span class="of"> {say("delegation.of", { count: shown.people.length })}</span>
              </p>
            </Card>
            {!past && <Head head={shown.head} names={names} />}
          </div>
          {past && <p class="soft">{say("delegation.pastSays")}</p>}
          <Members members={shown.people} names={names} past={Boolean(past)} />
        </>
      )}
    </div>
  );
}

function insideThen(id: string): number {
  return picture.value?.funnel?.find((one) => one.delegation_id === id)?.inside ?? 0;
}

function Head({ head, names }: { head: Member | null; names: Names }) {
  return (
    <Card title={say("delegation.head")} class="head-of">
      {!head && <p class="soft">{say("delegation.noHead")}</p>}
      {head && (
        <>
          <p class="row">
            <Icon name="person" /> <Who id={head.person_id} named={names.known.get(head.person_id)} />{" "}
            <span class="soft">{category(head.category)}</span>
          </p>
          <p class="where" id="head-where">
            <b>{whereabouts(head)}</b>
          </p>
          <p class="soft">
            {say("person.lastSeen")}: <LastSeen seen={head.last_seen} />
          </p>
        </>
      )}
    </Card>
  );
}

function whereabouts({ inside }: Member): string {
  if (!inside.length) return say("person.notInside");
  return inside.map((id) => isolated(named(zone(id)?.names ?? {}, id))).join(" › ");
}

type Which = "all" | "inside";

function Members({ members, names, past }: { members: readonly Member[]; names: Names; past: boolean }) {
  const [which, choose] = useState<Which>("all");
  const inside = members.filter((one) => one.inside.length);
  const listed = which === "all" || past ? members : inside;
  const title = say("delegation.members");
  return (
    <Card
      title={title}
      aside={
        !past && (
          <Segments<Which>
            label={say("delegation.which")}
            value={which}
            onChange={choose}
            options={[
              { value: "all", text: say("delegation.all", { count: members.length }) },
              { value: "inside", text: say("delegation.insideOnly", { count: inside.length }) },
            ]}
          />
        )
      }
    >
      <ShowNames
        names={names}
        count={members.length}
        missing={members.filter((one) => !names.known.has(one.person_id)).length}
      />
      {!listed.length && <p class="soft">{say("delegation.nobody")}</p>}
      {listed.length > 0 && (
        <Scrolls label={title}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{say("people.person")}</th>
                <th scope="col">{say("people.category")}</th>
                {!past && <th scope="col">{say("person.inside")}</th>}
                {!past && <th scope="col">{say("person.lastSeen")}</th>}
              </tr>
            </thead>
            <tbody>
              {listed.map((one) => (
                <tr key={one.person_id} data-person={one.person_id}>
                  <th scope="row">
                    <Who id={one.person_id} named={names.known.get(one.person_id)} />
                  </th>
                  <td>{category(one.category)}</td>
                  {!past && <td class={one.inside.length ? "" : "soft"}>{whereabouts(one)}</td>}
                  {!past && (
                    <td>
                      <LastSeen seen={one.last_seen} />
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
    </Card>
  );
}
