// What is known of an incident beside how it stands: where, of whom, by whom, and what belongs to it.
import { dateTime, say } from "@placet/kit/language.ts";
import type { ComponentChildren } from "preact";
import type { Recorded } from "../incidents.ts";
import { numberOf } from "./entry.tsx";
import { age } from "./incident.tsx";
import { ShowNames, useNames, Who } from "./names.tsx";

export function IncidentFacts({ incident }: { incident: Recorded }) {
  const { about, people, badges, merged, merged_into } = incident;
  return (
    <dl class="facts-list">
      <Fact name="severity">{say(`incidents.severity.${incident.severity}`)}</Fact>
      {about && (
        <Fact name="about">
          <bdi>{about}</bdi>
        </Fact>
      )}
      <Fact name="opened">
        {dateTime(incident.opened_at)}{" "}
        <span class="soft">
          ({say("age.ago", { time: age(incident.opened_at) })}, {say(`incidents.by.${incident.raised_by}`)})
        </span>
      </Fact>
      <Fact name="changed">{dateTime(incident.changed_at)}</Fact>
      {people.length > 0 && (
        <Fact name="people">
          <People ids={people} />
        </Fact>
      )}
      {badges.length > 0 && (
        <Fact name="badges">
          <ul class="ids">
            {badges.map((id) => (
              <li key={id}>
                <a class="mono" href={`/people?badge=${id}`} title={id}>
                  {id.slice(0, 8)}
                </a>
              </li>
            ))}
          </ul>
        </Fact>
      )}
      {merged_into && (
        <Fact name="merged_into">
          <Others ids={[merged_into]} />
        </Fact>
      )}
      {merged.length > 0 && (
        <Fact name="merged">
          <Others ids={merged} />
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{say(`incidents.fact.${name}`)}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function People({ ids }: { ids: string[] }) {
  const names = useNames(ids, "incidents");
  return (
    <>
      <ul class="ids">
        {ids.map((id) => (
          <li key={id}>
            <Who id={id} named={names.known.get(id)} />
          </li>
        ))}
      </ul>
      <ShowNames names={names} count={ids.length} missing={ids.filter((id) => !names.known.has(id)).length} />
    </>
  );
}

function Others({ ids }: { ids: string[] }) {
  return (
    <ul class="ids">
      {ids.map((id) => (
        <li key={id}>
          <a href={`/incidents/${id}`}>{say("incidents.number", { number: numberOf(id) })}</a>
        </li>
      ))}
    </ul>
  );
}
