// Signing in: at the provider, or with a token at the machine of an embedded run.
import { session, whoAmI } from "@placet/kit/api.ts";
import { knows, say } from "@placet/kit/language.ts";
import { Card } from "@placet/kit/ui/card.tsx";
import { Field } from "@placet/kit/ui/field.tsx";
import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { ProblemNote } from "../parts/problem.tsx";
import { failure, hasLeft, onward, providerEnd, signInHere } from "../signing.ts";
import "./sign-in.css";

export default function Page() {
  const { query } = useLocation();
  const who = session.value;
  const next = onward(query.next);
  const failed = failure(query.sign_in_error);
  return (
    <div class="sign-in-page stack">
      <h1>{say("page.signIn")}</h1>
      {failed && !who?.signed_in && (
        <p class="problem" role="alert" data-code={failed}>
          {say(knows(`signIn.error.${failed}`) ? `signIn.error.${failed}` : "signIn.error.other", { code: failed })}
        </p>
      )}
      {hasLeft.value && !who?.signed_in && <Left />}
      {who ? who.signed_in ? <Already actor={who.actor ?? ""} next={next} /> : <Ways next={next} /> : <Unknown />}
    </div>
  );
}

function Ways({ next }: { next: string }) {
  const methods = session.value?.methods ?? [];
  return (
    <>
      {methods.includes("oidc") && (
        <Card title={say("signIn.provider")}>
          <a class="button first" href={`/sign-in/oidc?next=${encodeURIComponent(next)}`}>
            {say("signIn.toProvider")}
          </a>
        </Card>
      )}
      {methods.includes("local") && <Local next={next} />}
      {!methods.length && <p>{say("signIn.noWay")}</p>}
    </>
  );
}

function Local({ next }: { next: string }) {
  const { route } = useLocation();
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const signIn = async () => {
    setBusy(true);
    setError(null);
    try {
      await signInHere(token.trim());
      setToken("");
      route(next, true);
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card title={say("signIn.local")}>
      <form
        class="stack"
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() && !busy) void signIn();
        }}
      >
        <p>{say("signIn.localHow")}</p>
        <pre class="command">
          <code>placet token create --role operations</code>
        </pre>
        {/* Without a name: whatever becomes of the form, the token is in no address. */}
        <Field label={say("signIn.token")}>
          {(ids) => (
            <input
              class="input mono"
              type="password"
              autocomplete="off"
              spellcheck={false}
              value={token}
              onInput={(event) => setToken(event.currentTarget.value)}
              {...ids}
            />
          )}
        </Field>
        <ProblemNote error={error} />
        <button type="submit" class="button first" disabled={!token.trim() || busy}>
          {say(busy ? "signIn.busy" : "page.signIn")}
        </button>
      </form>
    </Card>
  );
}

function Already({ actor, next }: { actor: string; next: string }) {
  return (
    <Card title={say("signIn.already")}>
      <p class="row">
        <bdi class="mono">{actor}</bdi>
        <a class="button first" href={next}>
          {say("signIn.goOn")}
        </a>
      </p>
    </Card>
  );
}

// Here one is signed out; at the provider the next person would be let in by the same name.
function Left() {
  return (
    <div class="left stack" role="status">
      <p>{say("signIn.left")}</p>
      {providerEnd.value && (
        <p>
          <a class="button" href={providerEnd.value} rel="noreferrer">
            {say("signIn.leaveProvider")}
          </a>
        </p>
      )}
    </div>
  );
}

function Unknown() {
  const [error, setError] = useState<unknown>(null);
  return (
    <>
      <p>{say("signIn.unknown")}</p>
      <ProblemNote error={error} />
      <p>
        <button type="button" class="button" onClick={() => void whoAmI().then(() => setError(null), setError)}>
          {say("signIn.again")}
        </button>
      </p>
    </>
  );
}
