// The operations room in a browser.
import "@placet/kit/tokens.css";
import "@placet/kit/base.css";
import "@placet/kit/ui.css";
import "./room.css";
import { whoAmI } from "@placet/kit/api.ts";
import { type Language, speak } from "@placet/kit/language.ts";
import { dress } from "@placet/kit/theme.ts";
import { render } from "preact";
import { startAlarms } from "./alarms.ts";
import { startRenewal } from "./renewal.ts";
import { Shell } from "./shell.tsx";
import { startClock, watch } from "./store.ts";

const catalogues = import.meta.glob<{ default: Record<string, string> }>("./words/*.json");

async function catalogue(language: Language): Promise<Record<string, string>> {
  const load = catalogues[`./words/${language}.json`];
  return load ? (await load()).default : {};
}

async function start(): Promise<void> {
  dress();
  await Promise.all([speak(catalogue), whoAmI().catch(() => undefined)]);
  watch();
  startClock();
  startAlarms();
  startRenewal();
  const room = document.getElementById("room");
  if (room) render(<Shell />, room);
}

void start();
