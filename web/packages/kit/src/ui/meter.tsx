// How full something is, as a bar; the number stands beside it in words.
interface MeterProps {
  value: number;
  most: number | null;
  kind: "normal" | "nearly" | "full" | "lockdown" | "evacuation";
  label: string;
}

export function Meter({ value, most, kind, label }: MeterProps) {
  const share = most ? Math.min(1, Math.max(0, value / most)) : 0;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a native meter takes neither our colours nor our shape
    <div
      class="meter"
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={most ?? value}
      aria-valuenow={value}
    >
      <div class={`meter-bar ${kind}`} style={{ inlineSize: `${share * 100}%` }} />
    </div>
  );
}
