// Names on request: nobody's name is on a page before somebody asks for it, and every look is on record.
import { say } from "@placet/kit/language.ts";
import { Icon } from "@placet/kit/ui/icon.tsx";
import { useEffect, useRef, useState } from "preact/hooks";
import { askNames, mayName, type Named, type Purpose, short } from "../people.ts";
import { ProblemNote } from "./problem.tsx";

export interface Names {
  known: ReadonlyMap<string, Named>;
  asked: boolean;
  waiting: boolean;
  error: unknown;
  ask: () => void;
  forget: () => void;
}

/** Names of those listed. They are kept no longer than the page is open; whoever is listed later has to be asked for. */
export function useNames(ids: readonly string[], purpose: Purpose): Names {
  const [known, setKnown] = useState<ReadonlyMap<string, Named>>(NOBODY);
  const [waiting, setWaiting] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const open = useRef(true);
  useEffect(
    () => () => {
      open.current = false;
    },
    [],
  );
  const ask = async () => {
    setWaiting(true);
    setError(null);
    try {
      const found = await askNames(
        ids.filter((id) => !known.has(id)),
        purpose,
      );
      if (open.current) setKnown(new Map([...known, ...found]));
    } catch (problem) {
      if (open.current) setError(problem);
    } finally {
      if (open.current) setWaiting(false);
    }
  };
  return { known, asked: known.size > 0, waiting, error, ask: () => void ask(), forget: () => setKnown(NOBODY) };
}

const NOBODY: ReadonlyMap<string, Named> = new Map();

/** The button that asks, and what asking means. Nothing for those who may not. */
export function ShowNames({ names, count, missing }: { names: Names; count: number; missing: number }) {
  if (!mayName() || !count) return null;
  return (
    <div class="show-names">
      {missing > 0 && (
        <button type="button" class="button small" disabled={names.waiting} onClick={names.ask}>
          <Icon name="person" /> {say(names.asked ? "names.showMore" : "names.show", { count: missing })}
        </button>
      )}
      {names.asked && (
        <button type="button" class="button small" onClick={names.forget}>
          {say("names.hide")}
        </button>
      )}
      <span class="soft">{say("names.recorded")}</span>
      <ProblemNote error={names.error} />
    </div>
  );
}

/** Somebody, by name where it was asked for, otherwise by the end of their id. */
export function Who({ id, named }: { id: string; named: Named | undefined }) {
  return (
    <a class="who" href={`/people/${id}`} title={named?.name ?? id}>
      {named ? (
        <bdi class="name">{named.name}</bdi>
      ) : (
        <>
          <span class="unseen">{say("people.person")} </span>
          <span class="mono">{short(id)}</span>
        </>
      )}
    </a>
  );
}
