/** One or several, as a list. */
export function listOf(written: string | readonly string[]): readonly string[] {
  return typeof written === "string" ? [written] : written;
}
