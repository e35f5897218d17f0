// Handing over: what is open is gathered by the service; what only the officer knows is written here.
import { say } from "@placet/kit/language.ts";
import { announce } from "@placet/kit/ui/announcer.tsx";
import { Dialog } from "@placet/kit/ui/dialog.tsx";
import { useRef, useState } from "preact/hooks";
import type { Command } from "../shift.ts";
import { TextField } from "./text-field.tsx";

export function OfferDialog({ command, close }: { command: Command; close: () => void }) {
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const key = useRef(crypto.randomUUID());
  const offer = async () => {
    setBusy(true);
    const isOffered = await command("/handover", { note: note.trim() || null }, key.current);
    if (isOffered) announce(say("shift.offered"));
    close();
  };
  return (
    <Dialog title={say("shift.handOver")} close={close}>
      <p>{say("shift.offerSays")}</p>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) void offer();
        }}
      >
        <TextField label={say("shift.note")} hint={say("shift.noteHint")} value={note} change={setNote} />
        <div class="row">
          <button type="submit" class="button first" disabled={busy}>
            {say("shift.offer")}
          </button>
          <button type="button" class="button" onClick={close}>
            {say("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
