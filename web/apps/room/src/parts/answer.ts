// What a page asks its service for beside the picture: asked when it is opened, and again every so often if it says so.
import { get, Problem } from "@placet/kit/api.ts";
import { useEffect, useState } from "preact/hooks";

export interface Answer<T> {
  value: T | null;
  error: unknown;
  /** Whether something is under way and nothing is there yet. */
  waiting: boolean;
  again: () => void;
}

/** `path` null: nothing is asked. What was known stays while it is asked again; another path begins with nothing. */
export function useAnswer<T>(path: string | null, everyMs?: number): Answer<T> {
  const [known, setKnown] = useState<{ path: string | null; value: T | null; error: unknown }>(NOTHING);
  const [asked, ask] = useState(0);
  useEffect(() => {
    if (path === null) return;
    const gone = new AbortController();
    let next: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      const error = await get<T>(path, gone.signal).then(
        (value) => void setKnown({ path, value, error: null }),
        (problem: unknown) => problem,
      );
      if (gone.signal.aborted) return;
      if (error) setKnown((before) => ({ path, value: before.path === path ? before.value : null, error }));
      if (everyMs && !isFinal(error)) next = setTimeout(() => void look(), everyMs);
    };
    void look();
    return () => {
      gone.abort();
      clearTimeout(next);
    };
  }, [path, everyMs, asked]);
  const current = known.path === path && path !== null ? known : NOTHING;
  return {
    value: current.value,
    error: current.error,
    waiting: path !== null && current.value === null && !current.error,
    again: () => ask((times) => times + 1),
  };
}

const NOTHING = { path: null, value: null, error: null };

// Asking again would change nothing.
function isFinal(error: unknown): boolean {
  return error instanceof Problem && [401, 403, 404, 422].includes(error.status);
}
