// Somebody's scans, one below the other, with how long they stayed; why one was decided so is told on request.
import { mayDo } from "@placet/kit/api.ts";
import { duration, named, say, time } from "@placet/kit/language.ts";
import { Chip, type ChipKind } from "@placet/kit/ui/chip.tsx";
import type { IconName } from "@placet/kit/ui/icon.tsx";
import { useId, useState } from "preact/hooks";
import { EXPLAINED, type Explanation, explanationOf, type Outcome, reason, type Scan } from "../people.ts";
import { gate, zone } from "../store.ts";
import { days, type Step } from "./path.ts";
import { ProblemNote } from "./problem.tsx";

const LOOKS: Readonly<Record<Outcome, { kind: ChipKind; icon?: IconName }>> = {
  admitted: { kind: "fine", icon: "fine" },
  refused: { kind: "full", icon: "close" },
  exited: { kind: "plain" },
};

export function Timeline({ path }: { path: readonly Scan[] }) {
  if (!path.length) return <p class="soft">{say("person.noScan")}</p>;
  return (
    <>
      {days(path).map(({ day, steps }) => (
        <section key={day} aria-label={day}>
          <h3>{day}</h3>
          <ol class="path">
            {steps.map((step) => (
              <Passage key={step.scan.scan_id} step={step} />
            ))}
          </ol>
        </section>
      ))}
    </>
  );
}

function Passage({ step: { scan, stayed } }: { step: Step }) {
  const place = zone(scan.zone_id);
  return (
    <li class={`passage ${scan.outcome}${scan.undone ? " undone" : ""}`} data-scan={scan.scan_id}>
      <time dateTime={scan.at}>{time(scan.at, { hour: "2-digit", minute: "2-digit", second: "2-digit" })}</time>
      <div class="what">
        <p class="row">
          <Chip {...LOOKS[scan.outcome]}>{say(`overview.${scan.outcome}`)}</Chip>
          <a href={`/zones/${scan.zone_id}`}>
            <bdi>{named(place?.names ?? {}, scan.zone_id)}</bdi>
          </a>
          {scan.undone && <Chip kind="nearly">{say("person.undone")}</Chip>}
        </p>
        <p class="soft">
          <bdi>{gate(scan.gate_id)?.name ?? scan.gate_id}</bdi>
          {stayed !== null && ` · ${say("person.stayed", { time: duration(stayed) })}`}
        </p>
        {scan.reason && <p class="because">{reason(scan.reason)}</p>}
        {mayDo(...EXPLAINED) && <Why scanId={scan.scan_id} />}
      </div>
    </li>
  );
}

function Why({ scanId }: { scanId: string }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [known, setKnown] = useState<Explanation | null>(null);
  const [error, setError] = useState<unknown>(null);
  const toggle = async () => {
    setOpen(!open);
    setError(null);
    if (open || known) return;
    try {
      setKnown(await explanationOf(scanId));
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <>
      <button
        type="button"
        class="button small why"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => void toggle()}
      >
        {say(open ? "person.whyHide" : "person.why")}
      </button>
      <div id={id} class="explanation" hidden={!open}>
        <ProblemNote error={error} />
        {open && !known && !error && <p role="status">{say("loading")}</p>}
        {known && <Explained explanation={known} />}
      </div>
    </>
  );
}

function Explained({ explanation }: { explanation: Explanation }) {
  const { failed, passed, outcome, would_have_admitted: remedies } = explanation;
  return (
    <>
      {failed.length > 0 && (
        <ul>
          {failed.map((check) => (
            <li key={check.code}>{check.decisive ? <b>{check.guard}</b> : <span>{check.guard}</span>}</li>
          ))}
        </ul>
      )}
      {outcome === "refused" && remedies.length > 0 && (
        <>
          <p class="soft">{say("person.wouldAdmit")}</p>
          <ul>
            {remedies.map((remedy) => (
              <li key={remedy}>{remedy}</li>
            ))}
          </ul>
        </>
      )}
      <p class="soft">
        {say("person.checks", { count: passed.length })}{" "}
        {say("person.rules", { version: String(explanation.policy_version) })}{" "}
        {explanation.decided_again !== null && say(explanation.same_again ? "person.sameAgain" : "person.otherwiseNow")}
      </p>
    </>
  );
}
