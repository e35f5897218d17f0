// Signs that stand beside words; a screen reader hears the words only.
const PATHS = {
  evacuation: "M2 2h6v2H4v8h4v2H2zm8 2.5L14.5 8 10 11.5V9H6V7h4z",
  threat: "M8 1l6 2v5c0 3.5-2.5 6-6 7-3.500-1-6-3.500-6-7V3zm-1 3v5h2V4zm0 6v2h2v-2z",
  lockdown: "M4 7V5a4 4 0 0 1 8 0v2h1v8H3V7zm2 0h4V5a2 2 0 0 0-4 0z",
  full: "M2 2h12v12H2zm2 4h8V4H4zm0 3h8V7.500H4zm0 3h8v-1.500H4z",
  nearly: "M8 1l7.500 14H.5zm-1 5v5h2V6zm0 6v2h2v-2z",
  quiet: "M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1zm1 3v4.200l3 1.800-1 1.700-4-2.500V4z",
  source: "M2 4c2-3 10-3 12 0v8c-2 3-10 3-12 0zm2 .5c2 1.500 6 1.500 8 0-2-1.500-6-1.500-8 0z",
  notice: "M1 3h14v10H1zm2 1.500l5 4 5-4z",
  fine: "M6 13L1 8l1.700-1.700L6 9.600l7.300-7.300L15 4z",
  incident: "M8 1l7 7-7 7-7-7zm-1 3v5h2V4zm0 6v2h2v-2z",
  person: "M8 1a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7zM1.500 15c0-4 3-6 6.500-6s6.500 2 6.500 6z",
  search:
    "M6.500 1a5.500 5.500 0 0 1 4.300 8.900l4 4-1.400 1.400-4-4A5.500 5.500 0 1 1 6.500 1zm0 2a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z",
  device: "M4 1h8v14H4zm1.500 2v8h5V3zM7 12.500v1h2v-1z",
  up: "M8 3l6 7H2z",
  close: "M3 1.500L8 6.500l5-5L14.500 3 9.500 8l5 5-1.500 1.500-5-5-5 5L1.500 13l5-5-5-5z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill-rule="evenodd" />
    </svg>
  );
}
