// A grave incident is said aloud to those who cannot see the page, on whatever page they are: once, when it comes.
import { session } from "@placet/kit/api.ts";
import { isolated, say } from "@placet/kit/language.ts";
import { announce } from "@placet/kit/ui/announcer.tsx";
import { effect } from "@preact/signals";
import { unheard } from "./incidents.ts";
import { titleOf } from "./parts/incident.tsx";
import { livePicture } from "./store.ts";

export function startAlarms(): void {
  let told = new Set<string>();
  let forWhom: string | null = null;
  effect(() => {
    const incidents = livePicture.value?.incidents;
    if (!incidents) return;
    const who = `${session.value?.actor} ${livePicture.value?.tier}`;
    const news = unheard(incidents, told);
    if (who === forWhom) {
      for (const one of news) {
        const { severity, number } = one;
        announce(
          say("incidents.alarm", {
            severity: String(severity),
            number: String(number),
            title: isolated(titleOf(one).slice(0, 120)),
          }),
        );
      }
    } else {
      // What is there when somebody comes is read on the page.
      told = new Set();
      forWhom = who;
    }
    for (const one of unheard(incidents, told)) told.add(one.incident_id);
  });
}
