// A report for paper, in the language of the page: a browser by itself would ask for its own.
import { Problem } from "@placet/kit/api.ts";
import { language } from "@placet/kit/language.ts";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { ProblemNote } from "./problem.tsx";

interface PdfProps {
  href: string;
  /** What the file is called. */
  name: string;
  children: ComponentChildren;
}

export function Pdf({ href, name, children }: PdfProps) {
  const [problem, setProblem] = useState<unknown>(null);
  const fetchIt = async (event: Event) => {
    event.preventDefault();
    setProblem(null);
    try {
      save(await asked(href, language.value), name);
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <>
      <a class="button" href={href} download={name} onClick={(event) => void fetchIt(event)}>
        {children}
      </a>
      <ProblemNote error={problem} />
    </>
  );
}

async function asked(path: string, wanted: string): Promise<Blob> {
  const answer = await fetch(path, { cache: "no-store", headers: { "Accept-Language": wanted } }).catch(() => {
    throw new Problem(0, "unreachable", "", "");
  });
  if (answer.ok) return answer.blob();
  const { code, title, detail } = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  throw new Problem(answer.status, String(code ?? answer.status), String(title ?? ""), String(detail ?? ""));
}

function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
