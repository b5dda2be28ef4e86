import { KubernetesError } from "../errors.ts";

/** What came of looking at something that may be none of our business: its value, or why it was not seen. */
export type Seen<Value> =
  | { readonly value: Value }
  | { readonly unseen: "forbidden" | "absent" | "failed"; readonly because: string };

/** Looks, and takes a refusal for an answer. @throws the signal's reason, when it was aborted for another reason than time */
export async function seen<Value>(look: () => Promise<Value>): Promise<Seen<Value>> {
  try {
    return { value: await look() };
  } catch (error) {
    if (!(error instanceof KubernetesError)) return { unseen: "failed", because: messageOf(error) };
    if (error.code === "forbidden") return { unseen: "forbidden", because: error.message };
    return { unseen: error.code === "not-found" ? "absent" : "failed", because: error.message };
  }
}

/** The value, where there is one. */
export function valueOf<Value>(of: Seen<Value> | undefined): Value | undefined {
  return of !== undefined && "value" in of ? of.value : undefined;
}

function messageOf(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError") return "it was not answered in time";
  return error instanceof Error ? error.message : String(error);
}
