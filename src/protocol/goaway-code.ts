/**
 * Why an end takes no more streams. `closing` is the graceful one: streams that are open go on to their end.
 * After the others the sender closes the carrier at once.
 */
export const goawayCodes = { closing: 1, "protocol-error": 2, internal: 3 } as const;
export type GoawayCode = keyof typeof goawayCodes;

const byNumber: GoawayCode[] = [];
for (const [code, number] of Object.entries(goawayCodes)) byNumber[number] = code as GoawayCode; // Own keys of the table.

/** The code of a number from the wire; an unknown one reads as `internal`. */
export function goawayCodeOf(number: number): GoawayCode {
  return byNumber[number] ?? "internal";
}
