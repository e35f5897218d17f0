// What a command or a question came back with, in the reader's words where we have some for its code.
import { Problem } from "@placet/kit/api.ts";
import { knows, say } from "@placet/kit/language.ts";

export function sentence(error: unknown): string {
  if (!(error instanceof Problem)) return say("problem.other", { code: "?" });
  if (knows(`problem.${error.code}`)) return say(`problem.${error.code}`);
  const told = [error.title, error.detail].filter(Boolean).join(" ");
  return told || say("problem.other", { code: error.code });
}

export function ProblemNote({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <p class="problem" role="alert">
      {sentence(error)}
    </p>
  );
}
