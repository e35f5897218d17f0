// Words that somebody writes, in whatever script, as many as the service takes.
import { Field } from "@placet/kit/ui/field.tsx";

const MOST = 4_000; // characters

interface TextFieldProps {
  label: string;
  hint?: string | undefined;
  required?: boolean;
  value: string;
  change: (value: string) => void;
}

export function TextField({ label, hint, required = false, value, change }: TextFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <textarea
          {...ids}
          class="input"
          dir="auto"
          maxLength={MOST}
          required={required}
          value={value}
          onInput={(event) => change(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
