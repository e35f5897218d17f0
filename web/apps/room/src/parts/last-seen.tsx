// When and where somebody was scanned last.
import { dateTime, say } from "@placet/kit/language.ts";
import type { Seen } from "../people.ts";
import { gate } from "../store.ts";

export function LastSeen({ seen }: { seen: Seen | null }) {
  if (!seen) return <>{say("person.neverSeen")}</>;
  return (
    <>
      <time dateTime={seen.at}>{dateTime(seen.at)}</time>, <bdi>{gate(seen.gate_id)?.name ?? seen.gate_id}</bdi>
    </>
  );
}
