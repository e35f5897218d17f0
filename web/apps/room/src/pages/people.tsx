// Finding somebody, and all delegations with how many of their people are inside.
import { get, post } from "@placet/kit/api.ts";
import { isolated, named, number, say } from "@placet/kit/language.ts";
import { Card } from "@placet/kit/ui/card.tsx";
import { Chip } from "@placet/kit/ui/chip.tsx";
import { Field } from "@placet/kit/ui/field.tsx";
import { Icon } from "@placet/kit/ui/icon.tsx";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { useAnswer } from "../parts/answer.ts";
import { BadgeChip } from "../parts/badge-chip.tsx";
import { ShowNames, useNames, Who } from "../parts/names.tsx";
import { isBadge, wholeId } from "../parts/path.ts";
import { ProblemNote } from "../parts/problem.tsx";
import { Scrolls } from "../parts/scrolls.tsx";
import { Segments } from "../parts/segments.tsx";
import { delegationName } from "../parts/who-is-in.tsx";
import { category, type Holder, kind, type Listed, type Named } from "../people.ts";
import { lookedAt, picture } from "../store.ts";
import "../parts/parts.css";
import "./people.css";

const AGAIN_MS = 5_000;

export default function People() {
  return (
    <div class="people-page stack">
      <h1>{say("people.title")}</h1>
      <Find />
      <Delegations />
    </div>
  );
}

type By = "name" | "badge" | "person";
type Found = { by: "name"; people: Named[] } | { by: "badge"; people: Holder[] };

function Find() {
  const { route } = useLocation();
  const [by, setBy] = useState<By>("name");
  const [typed, type] = useState("");
  const [wrong, setWrong] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [found, show] = useState<Found | null>(null);
  const look = async (event: Event) => {
    event.preventDefault();
    const text = typed.trim();
    const complaint = wrongWith(by, text);
    setWrong(complaint);
    setError(null);
    if (complaint) return;
    if (by === "person") return route(`/people/${wholeId(text)}`);
    setBusy(true);
    try {
      // A name is in no address: those are written down by whatever lies between.
      if (by === "name") {
        const body = { text, purpose: "people" };
        show({ by, people: await post<Named[]>("/v1/via/accreditation/people/search", body) });
      } else {
        show({ by, people: await get<Holder[]>(`/v1/people?${new URLSearchParams({ badge: text })}`) });
      }
    } catch (problem) {
      setError(problem);
      show(null);
    }
    setBusy(false);
  };
  return (
    <Card title={say("people.find")} class="find-person">
      <form class="stack" onSubmit={(event) => void look(event)} noValidate>
        <Segments<By>
          label={say("people.findBy")}
          value={by}
          onChange={(value) => {
            setBy(value);
            setWrong(undefined);
          }}
          options={(["name", "badge", "person"] as const).map((value) => ({ value, text: say(`people.by.${value}`) }))}
        />
        <div class="search">
          <Field label={say(`people.by.${by}`)} hint={say(`people.hint.${by}`)} wrong={wrong}>
            {(ids) => (
              <input
                {...ids}
                class="input"
                type="search"
                autocomplete="off"
                spellcheck={false}
                maxLength={100}
                value={typed}
                onInput={(event) => type(event.currentTarget.value)}
              />
            )}
          </Field>
          <button type="submit" class="button first" disabled={busy}>
            <Icon name="search" /> {say("people.look")}
          </button>
        </div>
      </form>
      <ProblemNote error={error} />
      <div role="status">
        {found && <p>{say(found.people.length ? "people.found" : "people.nobody", { count: found.people.length })}</p>}
      </div>
      {found?.by === "name" && found.people.length > 0 && <ByName people={found.people} />}
      {found?.by === "badge" && found.people.length > 0 && <Holders people={found.people} />}
    </Card>
  );
}

function wrongWith(by: By, text: string): string | undefined {
  if (!text) return say("people.wrong.empty");
  if (by === "badge" && !isBadge(text)) return say("people.wrong.badge");
  if (by === "person" && !wholeId(text)) return say("people.wrong.person");
  return undefined;
}

function ByName({ people }: { people: readonly Named[] }) {
  return (
    <ul class="found">
      {people.map((one) => (
        <li key={one.person_id} data-person={one.person_id}>
          <Who id={one.person_id} named={one} />
          <span class="soft">
            {one.function && (
              <>
                <bdi>{one.function}</bdi> ·{" "}
              </>
            )}
            {category(one.category)} · <bdi>{delegationName(one.delegation_id)}</bdi>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Holders({ people }: { people: readonly Holder[] }) {
  const ids = people.map((one) => one.person_id);
  const names = useNames(ids, "people");
  return (
    <>
      <ShowNames names={names} count={ids.length} missing={ids.filter((id) => !names.known.has(id)).length} />
      <ul class="found">
        {people.map((one) => (
          <li key={one.person_id} data-person={one.person_id}>
            <Who id={one.person_id} named={names.known.get(one.person_id)} />
            <span class="soft">
              {category(one.category)} · <bdi>{delegationName(one.delegation_id)}</bdi>
            </span>
            <span class="row">
              {one.badges.map((badge) => (
                <BadgeChip key={badge.badge_id} status={badge.status} />
              ))}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Delegations() {
  const past = lookedAt.value;
  const [wanted, want] = useState("");
  const { value, error, waiting } = useAnswer<Listed[]>("/v1/delegations", past ? undefined : AGAIN_MS);
  const then = new Map(picture.value?.funnel?.map((one) => [one.delegation_id, one.inside]));
  const listed = (value ?? [])
    .map((one) => ({ ...one, name: named(one.names, one.delegation_id), inside: insideOf(one, past, then) }))
    .filter((one) => meant(`${one.name} ${one.delegation_id}`, wanted))
    .sort((one, other) => one.name.localeCompare(other.name));
  return (
    <Card
      title={say("people.delegations")}
      aside={
        <input
          class="input small"
          type="search"
          aria-label={say("people.findDelegation")}
          placeholder={say("people.findDelegation")}
          value={wanted}
          onInput={(event) => want(event.currentTarget.value)}
        />
      }
    >
      <ProblemNote error={error} />
      {waiting && <p role="status">{say("loading")}</p>}
      {value && !listed.length && <p class="soft">{say("people.noDelegation")}</p>}
      {listed.length > 0 && (
        <Scrolls label={say("people.delegations")} class="delegations">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{say("people.delegation")}</th>
                <th scope="col" class="number">
                  {say("people.inside")}
                </th>
                <th scope="col" class="number">
                  {say("people.named")}
                </th>
                <th scope="col" class="wide">
                  {say("people.kind")}
                </th>
              </tr>
            </thead>
            <tbody>
              {listed.map((one) => (
                <tr key={one.delegation_id} data-delegation={one.delegation_id}>
                  <th scope="row">
                    <a
                      href={`/delegations/${one.delegation_id}`}
                      title={one.name}
                      aria-label={say("people.open", { name: isolated(one.name) })}
                    >
                      <bdi class="long">{one.name}</bdi>
                    </a>
                  </th>
                  <td class="number inside">{number(one.inside)}</td>
                  <td class="number">{number(one.people)}</td>
                  <td class="wide">
                    <span class="row">
                      <span>{kind(one.kind)}</span>
                      {!one.confirmed && <Chip>{say("people.unconfirmed")}</Chip>}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrolls>
      )}
    </Card>
  );
}

// Of a past minute the picture knows how many were inside, and nobody else.
function insideOf(one: Listed, past: string | null, then: ReadonlyMap<string, number>): number {
  return past ? (then.get(one.delegation_id) ?? 0) : one.inside;
}

function meant(text: string, wanted: string): boolean {
  const plain = (words: string) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain(text).includes(plain(wanted.trim()));
}
