// Words in the reader's language: one catalogue a language, the English one says which keys there are.
import { computed, signal } from "@preact/signals";

export const LANGUAGES = ["en", "fr", "vi"] as const;
export type Language = (typeof LANGUAGES)[number];
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", fr: "Français", vi: "Tiếng Việt" };
const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);
const KEPT_AS = "placet-language";

export type Values = Record<string, string | number>;
type Catalogue = Record<string, string>;

export const language = signal<Language>(wanted());
export const direction = computed(() => (RIGHT_TO_LEFT.has(language.value) ? "rtl" : "ltr"));
const catalogue = signal<Catalogue>({});
let load: (language: Language) => Promise<Catalogue>;

/** Loads the reader's language; `loader` gives a catalogue. Only one is ever downloaded, until another is chosen. */
export async function speak(loader: (language: Language) => Promise<Catalogue>): Promise<void> {
  load = loader;
  await choose(language.value);
}

export async function choose(chosen: Language): Promise<void> {
  catalogue.value = await load(chosen);
  language.value = chosen;
  document.documentElement.lang = chosen;
  document.documentElement.dir = direction.value;
  try {
    localStorage.setItem(KEPT_AS, chosen);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

/** The words of `key`, with `{name}` filled in. `key|other` and its like are chosen by `count` (Intl plural rules). */
export function say(key: string, values: Values = {}): string {
  const words = catalogue.value;
  let text = words[key];
  if (typeof values.count === "number") {
    text =
      words[`${key}|${new Intl.PluralRules(language.value).select(values.count)}`] ?? words[`${key}|other`] ?? text;
  }
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = values[name];
    return value === undefined ? hole : typeof value === "number" ? number(value) : value;
  });
}

/** Whether the catalogue has words for a key that data made up: a code of tomorrow has none. */
export function knows(key: string): boolean {
  return key in catalogue.value;
}

/** A name within a sentence of ours must not turn the sentence around. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

/** The name in the reader's language, or in any. */
export function named(names: Partial<Record<Language, string>>, otherwise = ""): string {
  return names[language.value] || names.en || Object.values(names).find(Boolean) || otherwise;
}

export function number(value: number, options: Intl.NumberFormatOptions = {}): string {
  return format(Intl.NumberFormat, options).format(value);
}

export function percent(share: number): string {
  return number(share, { style: "percent", maximumFractionDigits: 0 });
}

/** The venue's time zone: screens tell the time in it, wherever they stand. */
export const timeZone = signal("UTC");

/** A time of day at the venue, `16:05`; of another day with its date. */
export function time(
  at: string | Date,
  options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" },
): string {
  return format(Intl.DateTimeFormat, { ...options, hourCycle: "h23", timeZone: timeZone.value }).format(new Date(at));
}

export function dateTime(at: string | Date): string {
  return time(at, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}

/** How long: `40 s`, `4 min`, `2 h`. */
export function duration(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < 60) return number(Math.round(seconds), { style: "unit", unit: "second" });
  if (size < 5400) return number(Math.round(seconds / 60), { style: "unit", unit: "minute" });
  if (size < 172_800) return number(Math.round(seconds / 3600), { style: "unit", unit: "hour" });
  return number(Math.round(seconds / 86_400), { style: "unit", unit: "day" });
}

const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

// Making a format takes far longer than using it.
function format<F extends Intl.NumberFormat | Intl.DateTimeFormat, O>(
  kind: new (language: string, options: O) => F,
  options: O,
): F {
  const key = `${kind.name} ${language.value} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known) return known as F;
  const made = new kind(language.value === "en" ? "en-GB" : language.value, options);
  formats.set(key, made);
  return made;
}

function wanted(): Language {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(KEPT_AS);
  } catch {
    // As above.
  }
  const wishes = [kept, ...navigator.languages].flatMap((wish) => (wish ? [wish.slice(0, 2).toLowerCase()] : []));
  return (
    LANGUAGES.find((one) => one === wishes.find((wish) => (LANGUAGES as readonly string[]).includes(wish))) ?? "en"
  );
}
