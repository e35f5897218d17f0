// The record of the whole house: how far each log is, who has read how far, what could not be applied.
import { dateTime, number, say } from "@placet/kit/language.ts";
import { announce } from "@placet/kit/ui/announcer.tsx";
import { Card } from "@placet/kit/ui/card.tsx";
import { Chip } from "@placet/kit/ui/chip.tsx";
import { Icon } from "@placet/kit/ui/icon.tsx";
import { useState } from "preact/hooks";
import { useAnswer } from "../parts/answer.ts";
import { DeadLetters } from "../parts/dead-letters.tsx";
import { ProblemNote } from "../parts/problem.tsx";
import { Scrolls } from "../parts/scrolls.tsx";
import { useSeen } from "../parts/seen.ts";
import type { HouseRecord, Reading, ServiceRecord } from "../record.ts";
import "./record.css";

const EVERY_MS = 3_000;
const SHORT = 8;

export default function Page() {
  const { value: shown, error, again } = useAnswer<HouseRecord>("/v1/record", useSeen() ? EVERY_MS : undefined);
  const [told, setTold] = useState("");
  return (
    <div class="record-page stack">
      <h1>{say("page.record")}</h1>
      <ProblemNote error={error} />
      {!shown && !error && <p>{say("loading")}</p>}
      {shown && (
        <>
          {told && (
            <p class="told">
              <Icon name="fine" /> {told}
            </p>
          )}
          <div class="services">
            {shown.services.map((one) => (
              <ServiceCard key={one.service} one={one} />
            ))}
          </div>
          <DeadLetters
            shown={shown}
            done={(sentence) => {
              setTold(sentence);
              announce(sentence);
              again();
            }}
          />
          <Rebuilds shown={shown} />
        </>
      )}
    </div>
  );
}

function ServiceCard({ one }: { one: ServiceRecord }) {
  const kind = one.state === "up" ? "fine" : one.state === "down" ? "full" : "nearly";
  return (
    <Card
      title={say(`service.${one.service}`)}
      aside={
        <Chip kind={kind} icon={kind === "fine" ? "fine" : "nearly"}>
          {say(`service.state.${one.state}`)}
        </Chip>
      }
      class="service"
    >
      <div class="stack" data-service={one.service}>
        {one.degraded.length > 0 && (
          <ul class="row degraded" aria-label={say("record.degraded")}>
            {one.degraded.map((code) => (
              <li key={code} class="chip mono">
                {code}
              </li>
            ))}
          </ul>
        )}
        {one.log ? (
          <p>
            {say("record.head", { number: one.log.head })}{" "}
            <span class="soft mono" title={one.log.log_id}>
              {say("record.log", { id: one.log.log_id.slice(0, SHORT) })}
            </span>
          </p>
        ) : (
          <p class="soft">{say("record.notTold")}</p>
        )}
        {one.consumers.length > 0 && <Consumers service={one.service} consumers={one.consumers} />}
      </div>
    </Card>
  );
}

function Consumers({ service, consumers }: { service: string; consumers: Reading[] }) {
  return (
    <Scrolls label={say("record.consumersOf", { service: say(`service.${service}`) })}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{say("record.reads")}</th>
            <th scope="col" class="number">
              {say("record.upTo")}
            </th>
            <th scope="col" class="number">
              {say("record.lag")}
            </th>
            <th scope="col">{say("record.state")}</th>
          </tr>
        </thead>
        <tbody>
          {consumers.map((one) => (
            <tr key={one.source} data-source={one.source}>
              <th scope="row">{say(`service.${one.source}`)}</th>
              <td class="number">
                {one.head === null ? number(one.number) : `${number(one.number)} / ${number(one.head)}`}
              </td>
              <td class="number">{one.lag === null ? "–" : number(one.lag)}</td>
              <td>
                <Chip
                  kind={one.state === "current" ? "fine" : one.state === "elsewhere" ? "plain" : "nearly"}
                  icon={one.state === "current" ? "fine" : "nearly"}
                >
                  {say(`source.state.${one.state}`)}
                </Chip>
                {one.complaint && <span class="complaint mono">{one.complaint}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolls>
  );
}

function Rebuilds({ shown }: { shown: HouseRecord }) {
  if (!shown.rebuilds.length) return null;
  return (
    <Card title={say("record.views")}>
      <Scrolls label={say("record.view")}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{say("record.view")}</th>
              <th scope="col">{say("record.madeAt")}</th>
              <th scope="col">{say("record.state")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.rebuilds.map((one) => (
              <tr key={`${one.service} ${one.view}`} data-view={one.view}>
                <th scope="row">
                  {say(`service.${one.service}`)} <span class="mono">{one.view}</span>
                </th>
                <td>{one.made_at ? dateTime(one.made_at) : "–"}</td>
                <td>
                  {one.rebuilding_since ? (
                    <Chip kind="nearly" icon="nearly">
                      {say("record.rebuilding", { time: dateTime(one.rebuilding_since) })}
                    </Chip>
                  ) : (
                    <Chip kind="fine" icon="fine">
                      {say("record.stands")}
                    </Chip>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
    </Card>
  );
}
