// What stands around every page: where one is, what time it is there, whether the numbers can be believed.
import { mayDo, session } from "@placet/kit/api.ts";
import { choose, LANGUAGE_NAMES, LANGUAGES, type Language, language, say, time } from "@placet/kit/language.ts";
import { THEMES, type Theme, theme } from "@placet/kit/theme.ts";
import { Announcer, announce } from "@placet/kit/ui/announcer.tsx";
import { options } from "@placet/kit/ui/options.tsx";
import { useEffect, useRef, useState } from "preact/hooks";
import { ErrorBoundary, LocationProvider, lazy, Route, Router, useLocation } from "preact-iso";
import { sentence } from "./parts/problem.tsx";
import { PAGES, type Page } from "./routes.ts";
import { signOut } from "./signing.ts";
import { isStale, link, lookAt, lookedAt, now, picture } from "./store.ts";

/** What a page that is not in the navigation is called. */
const TITLES: Record<string, string> = {
  "/zones/:id": "page.zones",
  "/people/:id": "page.people",
  "/delegations/:id": "page.delegation",
  "/incidents/:id": "page.incidents",
  "/sign-in": "page.signIn",
};
/** Where links lead to pages. What is below these the service answers itself: a sign-in at the provider, a paper. */
const PAGES_ARE_AT = /^\/(?!sign-in\/|v1\/)/;
let arrived = false;

const COMPONENTS = PAGES.map((page) => ({ page, Component: lazy(page.load) }));

export function Shell() {
  return (
    <LocationProvider scope={PAGES_ARE_AT}>
      <a class="skip" href="#main">
        {say("shell.skip")}
      </a>
      <Header />
      <Banner />
      <Announcer />
      <Navigation />
      <main id="main" tabIndex={-1}>
        <ErrorBoundary>
          <Router>
            {COMPONENTS.map(({ page, Component }) => (
              <Route key={page.path} path={page.path} component={() => <Guarded page={page} Component={Component} />} />
            ))}
            <Route default component={() => <p>{say("shell.notFound")}</p>} />
          </Router>
        </ErrorBoundary>
      </main>
    </LocationProvider>
  );
}

function Header() {
  const shown = picture.value;
  return (
    <header class="head">
      <p class="brand">
        <strong>Placet</strong> <span class="soft">{shown?.event}</span>
      </p>
      <p class="clock" data-past={Boolean(lookedAt.value)}>
        <time id="clock">{time(now.value, { hour: "2-digit", minute: "2-digit", second: "2-digit" })}</time>
        <span class="soft">
          {time(now.value, { weekday: "short", day: "numeric", month: "short", timeZoneName: "short" })}
        </span>
        {shown?.clock.simulated && <span class="chip">{say("shell.simulated")}</span>}
      </p>
      <div class="row controls">
        <LinkState />
        <Choices />
        <Who />
      </div>
    </header>
  );
}

function LinkState() {
  const { state, heardAt } = link.value;
  const before = useRef(state);
  useEffect(() => {
    if (state === "stale") announce(say("link.stale", { time: heardAt ? clockTime(heardAt) : "" }));
    if (state === "live" && before.current === "stale") announce(say("link.backAgain"));
    before.current = state;
    document.body.dataset.link = state;
  }, [state]);
  return (
    <p class="link" id="link" data-state={state}>
      <span class="lamp" aria-hidden="true" />
      {say(`link.${state}`, { time: heardAt ? clockTime(heardAt) : "" })}
    </p>
  );
}

// When this browser heard last is real time: of the wall, not of the gathering.
function clockTime(at: Date): string {
  return at.toLocaleTimeString(language.value, { hourCycle: "h23" });
}

// Once a shift at most: out of the way until somebody asks, so that the head fits a phone.
function Choices() {
  const name = LANGUAGE_NAMES[language.value];
  const code = language.value.toUpperCase();
  return (
    <>
      <button
        type="button"
        class="button small"
        popovertarget="choices"
        aria-label={`${code}, ${name}, ${say("shell.theme")}`}
      >
        <span class="wide">{name}</span>
        <span class="narrow">{code}</span>
      </button>
      <div class="choices" id="choices" popover="auto">
        <div class="stack">
          <label>
            {say("shell.language")}
            <select
              id="language"
              class="input small"
              value={language.value}
              onChange={(event) => void choose(event.currentTarget.value as Language)}
            >
              {LANGUAGES.map((one) => (
                <option key={one} value={one} lang={one}>
                  {LANGUAGE_NAMES[one]}
                </option>
              ))}
            </select>
          </label>
          <label>
            {say("shell.theme")}
            <select
              id="theme"
              class="input small"
              value={theme.value}
              onChange={(event) => {
                theme.value = event.currentTarget.value as Theme;
              }}
            >
              {options(THEMES, (one) => say(`theme.${one}`))}
            </select>
          </label>
        </div>
      </div>
    </>
  );
}

function Who() {
  const { url, route } = useLocation();
  const [error, setError] = useState<unknown>(null);
  const who = session.value;
  if (!who?.signed_in) {
    return (
      <a class="button small" href={`/sign-in?next=${encodeURIComponent(url)}`}>
        {say("page.signIn")}
      </a>
    );
  }
  const leave = async () => {
    try {
      await signOut();
      route("/sign-in");
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <>
      <span class="chip">{who.roles.join(", ")}</span>
      <button type="button" class="button small" onClick={() => void leave()}>
        {say("shell.signOut")}
      </button>
      {Boolean(error) && <p role="alert">{say("signIn.notLeft", { problem: sentence(error) })}</p>}
    </>
  );
}

function Banner() {
  const { heardAt, why } = link.value;
  if (lookedAt.value) {
    return (
      <div class="banner past row" role="status">
        <strong>
          {say("shell.past", { time: time(lookedAt.value, { dateStyle: "medium", timeStyle: "short" }) })}
        </strong>
        <button type="button" class="button small" onClick={() => lookAt(null, null)}>
          {say("shell.toNow")}
        </button>
      </div>
    );
  }
  if (!isStale.value && !(why && !heardAt)) return null;
  const cause = why ?? "unavailable";
  const text =
    heardAt || cause === "unknown" || cause === "forbidden"
      ? say(`link.${cause}`, { time: heardAt ? clockTime(heardAt) : "" })
      : say("link.nothingYet");
  return (
    <p class="banner" id="banner">
      {text}
    </p>
  );
}

function Navigation() {
  const { path } = useLocation();
  return (
    <nav class="pages" aria-label={say("shell.menu")}>
      <ul>
        {PAGES.filter((page) => page.word && isOpen(page)).map((page) => (
          <li key={page.path}>
            <a href={page.path} aria-current={isWithin(path, page.path) ? "page" : undefined}>
              {say(page.word ?? "")}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function isWithin(path: string, page: string): boolean {
  if (page === "/people" && path.startsWith("/delegations/")) return true;
  return page === "/" ? path === "/" : path === page || path.startsWith(`${page}/`);
}

function isOpen(page: Page): boolean {
  return page.roles.length === 0 || mayDo(...page.roles);
}

function Guarded({ page, Component }: { page: Page; Component: (typeof COMPONENTS)[number]["Component"] }) {
  const { url } = useLocation();
  const title = say(TITLES[page.path] ?? page.word ?? "shell.title");
  useEffect(() => {
    document.title = `${title} · Placet`;
  }, [title]);
  useEffect(() => {
    // Who goes to another page by keyboard or ear begins at its top; who has just come to the first one is there.
    if (arrived) document.getElementById("main")?.focus();
    arrived = true;
  }, [url]);
  if (isOpen(page)) return <Component />;
  if (session.value?.signed_in) return <p>{say("shell.roleWanted", { roles: page.roles.join(", ") })}</p>;
  return (
    <p class="row">
      {say("shell.signInWanted")}
      <a class="button first" href={`/sign-in?next=${encodeURIComponent(url)}`}>
        {say("page.signIn")}
      </a>
    </p>
  );
}
