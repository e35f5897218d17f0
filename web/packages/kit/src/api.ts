// Asking our own service: problems as objects, one key an intention, the session's proof with every command.
import { signal } from "@preact/signals";

export interface Session {
  signed_in: boolean;
  actor: string | null;
  roles: string[];
  tier: "totals" | "room" | "command";
  csrf: string | null;
  expires_at: string | null;
  methods: ("local" | "oidc")[];
  embedded: boolean;
}

export const session = signal<Session | null>(null);

/** problem+json: what went wrong, in a code that stays and a sentence that may change. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(title);
  }
}

export function mayDo(...roles: string[]): boolean {
  return roles.some((role) => session.value?.roles.includes(role));
}

export async function whoAmI(): Promise<Session> {
  session.value = await get<Session>("/v1/session");
  return session.value;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answered<T>(await asked(path, { cache: "no-store", ...(signal ? { signal } : {}) }));
}

/**
 * Commands `path`. `key` names the intention: repeating it with the same key does nothing twice. Raises Problem.
 */
export async function post<T>(path: string, body: unknown, key: string = crypto.randomUUID()): Promise<T> {
  const headers: Record<string, string> = { "Content-Type": "application/json", "Idempotency-Key": key };
  const csrf = session.peek()?.csrf;
  if (csrf) headers["X-Placet-Csrf"] = csrf;
  return answered<T>(await asked(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

async function asked(path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(path, { ...request, headers: { Accept: "application/json", ...request.headers } });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "unreachable", "", "");
  }
}

async function answered<T>(answer: Response): Promise<T> {
  const body = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
  if (answer.ok) return body as T;
  if (answer.status === 401 && session.peek()?.signed_in) void whoAmI();
  const { code, title, detail, ...more } = (body ?? {}) as Record<string, unknown>;
  throw new Problem(answer.status, String(code ?? answer.status), String(title ?? ""), String(detail ?? ""), more);
}
