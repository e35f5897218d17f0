// Light for the day, dark for the night: as the system says, unless somebody at the screen says otherwise.
import { effect, signal } from "@preact/signals";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
const KEPT_AS = "placet-theme";

export const theme = signal<Theme>(kept());

export function dress(): void {
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
    try {
      localStorage.setItem(KEPT_AS, theme.value);
    } catch {
      // A browser that keeps nothing follows the system next time.
    }
  });
}

function kept(): Theme {
  try {
    return THEMES.find((one) => one === localStorage.getItem(KEPT_AS)) ?? "auto";
  } catch {
    return "auto";
  }
}
