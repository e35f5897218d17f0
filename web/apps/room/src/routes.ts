// Where everything is, and who may open it: an empty list of roles means anybody who sees the page at all.
import type { FunctionComponent } from "preact";
import { FOLLOWERS } from "./people.ts";

export interface Page {
  path: string;
  /** In the navigation, under this word; null: reached from another page. */
  word: string | null;
  roles: readonly string[];
  load: () => Promise<{ default: FunctionComponent }>;
}

const ROOM = ["operations", "commander", "supervisor", "protocol", "auditor", "admin"];
const COMMAND = ["operations", "commander", "auditor", "admin"];

export const PAGES: readonly Page[] = [
  { path: "/", word: "page.overview", roles: [], load: () => import("./pages/overview.tsx") },
  { path: "/gates", word: "page.gates", roles: [], load: () => import("./pages/gates.tsx") },
  { path: "/zones", word: "page.zones", roles: [], load: () => import("./pages/zones.tsx") },
  { path: "/zones/:id", word: null, roles: [], load: () => import("./pages/zone.tsx") },
  { path: "/people", word: "page.people", roles: FOLLOWERS, load: () => import("./pages/people.tsx") },
  { path: "/people/:id", word: null, roles: FOLLOWERS, load: () => import("./pages/person.tsx") },
  { path: "/delegations/:id", word: null, roles: FOLLOWERS, load: () => import("./pages/delegation.tsx") },
  { path: "/incidents", word: "page.incidents", roles: ROOM, load: () => import("./pages/incidents.tsx") },
  { path: "/incidents/:id", word: null, roles: ROOM, load: () => import("./pages/incident.tsx") },
  { path: "/shift", word: "page.shift", roles: COMMAND, load: () => import("./pages/shift.tsx") },
  { path: "/orders", word: "page.orders", roles: ROOM, load: () => import("./pages/orders.tsx") },
  { path: "/timeline", word: "page.timeline", roles: [], load: () => import("./pages/timeline.tsx") },
  { path: "/record", word: "page.record", roles: COMMAND, load: () => import("./pages/record.tsx") },
  { path: "/sign-in", word: null, roles: [], load: () => import("./pages/sign-in.tsx") },
];
