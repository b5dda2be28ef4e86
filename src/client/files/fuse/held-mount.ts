/** What the program that holds a mount says: the numbers of its descriptors, or why there are none. */
export type HeldMount = { readonly device: number; readonly root: number } | { readonly error: string };

/** For people. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
