// Signing in and out, and where one goes on to.
import { post, whoAmI } from "@placet/kit/api.ts";
import { signal } from "@preact/signals";
import { lookAt } from "./store.ts";

/** After signing out: where the session at the provider ends. Null: one has not signed out, or there is no such page. */
export const providerEnd = signal<string | null>(null);
export const hasLeft = signal(false);

// A session is the browser's: every tab has to know who it is now.
const tabs = new BroadcastChannel("placet-session");
tabs.onmessage = () => void look();

/** With a token of an embedded run's own. Raises Problem. */
export async function signInHere(token: string): Promise<void> {
  await post("/v1/session/local", { token });
  hasLeft.value = false;
  await look();
  tabs.postMessage("in");
}

/** Raises Problem. */
export async function signOut(): Promise<void> {
  const { provider } = await post<{ provider: string | null }>("/v1/session/end", {});
  providerEnd.value = provider && /^https?:\/\//.test(provider) ? provider : null;
  hasLeft.value = true;
  await look();
  tabs.postMessage("out");
}

// What was shown to whoever was here before is shown no longer.
async function look(): Promise<void> {
  lookAt(null, null);
  await whoAmI();
}

/** `next`, if it is a page of ours; otherwise the first page. */
export function onward(next: string | undefined): string {
  // Browsers take \ for /, leave out tabs and line ends, and read //host as another site.
  if (!next || !/^\/(?!\/)[\x21-\x7e]*$/.test(next) || next.includes("\\")) return "/";
  const { origin, pathname } = new URL(next, "https://here.invalid");
  if (origin !== "https://here.invalid" || pathname.startsWith("//")) return "/";
  return pathname === "/sign-in" || pathname.startsWith("/sign-in/") ? "/" : next;
}

/** The code of a sign-in that failed, as the address says it; null for what is no code. */
export function failure(code: string | undefined): string | null {
  return code && /^[a-z_]{1,60}$/.test(code) ? code : null;
}
