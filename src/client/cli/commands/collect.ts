/** Gathers a repeatable option. Its empty default is not given to commander, whose help would show it. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
