// What can be chosen in a select: each value under its word.
export function options<T extends string | number>(values: readonly T[], word: (value: T) => string) {
  return values.map((one) => (
    <option key={one} value={one}>
      {word(one)}
    </option>
  ));
}
