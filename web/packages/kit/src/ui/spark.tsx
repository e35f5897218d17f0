// A line of small bars: the shape of an hour in a word's height.
import { useMemo } from "preact/hooks";

export function Spark({ values, label }: { values: readonly number[]; label: string }) {
  const top = Math.max(1, ...values);
  const path = useMemo(
    () => values.map((value, x) => (value ? `M${x} 20h.8v${(-20 * value) / top}h-.8z` : "")).join(""),
    [values, top],
  );
  return (
    <svg class="spark" viewBox={`0 0 ${values.length} 20`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={path} />
    </svg>
  );
}
