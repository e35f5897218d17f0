// One person: where they are, their badges, and their path through the day.
import { isolated, named, say } from "@placet/kit/language.ts";
import { Card } from "@placet/kit/ui/card.tsx";
import { useState } from "preact/hooks";
import { useRoute } from "preact-iso";
import { useAnswer } from "../parts/answer.ts";
import { BadgeActions } from "../parts/badge-actions.tsx";
import { BadgeChip } from "../parts/badge-chip.tsx";
import { LastSeen } from "../parts/last-seen.tsx";
import { ShowNames, useNames } from "../parts/names.tsx";
import { until } from "../parts/path.ts";
import { Timeline } from "../parts/person-timeline.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { delegationName } from "../parts/who-is-in.tsx";
import { type BadgeStatus, category, type Person, short } from "../people.ts";
import { lookedAt, zone } from "../store.ts";
import "../parts/parts.css";
import "./person.css";

export default function PersonPage() {
  const { id = "" } = useRoute().params;
  return <Followed key={id} id={id} />;
}

// Asked once, and again when somebody says so: every time is on record as a look at them.
function Followed({ id }: { id: string }) {
  const { value, error, waiting, again } = useAnswer<Person>(`/v1/people/${encodeURIComponent(id)}`);
  const names = useNames([id], "people");
  const known = names.known.get(id);
  return (
    <div class="person-page stack">
      <p>
        <a href="/people">{say("people.title")}</a>
      </p>
      <div class="page-head">
        <h1 title={known?.name ?? id}>
          {known ? (
            <bdi class="long">{known.name}</bdi>
          ) : (
            <>
              {say("people.person")} <span class="mono">{short(id)}</span>
            </>
          )}
        </h1>
        <ShowNames names={names} count={1} missing={known ? 0 : 1} />
      </div>
      <ProblemNote error={error} />
      {waiting && <p role="status">{say("loading")}</p>}
      {value && (
        <>
          <div class="about">
            <Where person={value} role={known?.function ?? ""} />
            <Badges key={value.badges.map((one) => `${one.badge_id} ${one.status}`).join()} person={value} />
          </div>
          <Card
            title={say("person.path")}
            aside={
              !lookedAt.value && (
                <button type="button" class="button small" onClick={again}>
                  {say("person.again")}
                </button>
              )
            }
          >
            <Timeline path={until(value.path, lookedAt.value)} />
          </Card>
          <p class="soft">{say("person.recorded")}</p>
        </>
      )}
    </div>
  );
}

function Where({ person, role }: { person: Person; role: string }) {
  const past = lookedAt.value;
  const last = past ? until(person.path, past).at(-1) : person.last_seen;
  const inside = person.inside.map((id) => isolated(named(zone(id)?.names ?? {}, id)));
  return (
    <Card title={say("person.where")} class="where">
      <dl>
        {!past && (
          <div>
            <dt>{say("person.inside")}</dt>
            <dd id="inside">
              <b>{inside.length ? inside.join(" › ") : say("person.notInside")}</b>
            </dd>
          </div>
        )}
        <div>
          <dt>{say("person.lastSeen")}</dt>
          <dd>
            <LastSeen seen={last ?? null} />
          </dd>
        </div>
        <div>
          <dt>{say("people.delegation")}</dt>
          <dd>
            {person.delegation_id ? (
              <a href={`/delegations/${person.delegation_id}`}>
                <bdi class="long">{delegationName(person.delegation_id)}</bdi>
              </a>
            ) : (
              say("people.delegationUnknown")
            )}
          </dd>
        </div>
        <div>
          <dt>{say("people.category")}</dt>
          <dd>{category(person.category)}</dd>
        </div>
        {role && (
          <div>
            <dt>{say("person.function")}</dt>
            <dd>
              <bdi class="long">{role}</bdi>
            </dd>
          </div>
        )}
        <div>
          <dt>{say("person.id")}</dt>
          <dd class="mono">{person.person_id}</dd>
        </div>
      </dl>
    </Card>
  );
}

// How they stand now: nobody recorded for this page how they stood at another minute.
function Badges({ person }: { person: Person }) {
  const [after, setAfter] = useState<Readonly<Record<string, BadgeStatus>>>({});
  return (
    <Card title={say(lookedAt.value ? "person.badgesNow" : "person.badges")}>
      {!person.badges.length && <p class="soft">{say("person.noBadge")}</p>}
      <ul class="badges">
        {person.badges.map((badge) => {
          const status = after[badge.badge_id] ?? badge.status;
          return (
            <li key={badge.badge_id} data-badge={badge.badge_id}>
              <span class="row">
                <BadgeChip status={status} />
                <span class="mono" title={badge.badge_id}>
                  {short(badge.badge_id)}
                </span>
                <span class="soft">{say("person.version", { version: String(badge.version) })}</span>
              </span>
              {!lookedAt.value && (
                <BadgeActions
                  badgeId={badge.badge_id}
                  status={status}
                  done={(now) => setAfter({ ...after, [badge.badge_id]: now })}
                />
              )}
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
