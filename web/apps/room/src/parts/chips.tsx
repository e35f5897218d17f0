// What is in force at a zone, as chips.
import { say } from "@placet/kit/language.ts";
import { Chip } from "@placet/kit/ui/chip.tsx";
import type { Zone } from "../picture.ts";
import { conditions, LOOKS } from "./zone-state.ts";

export function ZoneChips({ zone }: { zone: Zone }) {
  return (
    <>
      {conditions(zone).map((condition) => {
        const { word, icon, kind } = LOOKS[condition];
        return (
          <Chip key={condition} kind={kind} icon={icon}>
            {say(word)}
          </Chip>
        );
      })}
    </>
  );
}
