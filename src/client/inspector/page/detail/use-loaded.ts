import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../link/api.ts";

/** Something that is asked for. What was there stays while it is asked for again. */
export interface Loaded<Value> {
  readonly value: Value | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
}

/**
 * Asks when `subject` or `version` is another. For another subject nothing is shown until it is there; for another version
 * of the same the older one. `waitMs`: so long it waits, so that many in a row are one.
 */
export function useLoaded<Value>(
  ask: (signal: AbortSignal) => Promise<Value>,
  { subject, version, waitMs = 0 }: { subject: unknown; version: unknown; waitMs?: number },
): Loaded<Value> {
  const [loaded, setLoaded] = useState<{
    subject: unknown;
    value?: Value;
    error?: ApiError;
    isLoading: boolean;
  }>({
    subject,
    isLoading: true,
  });
  useEffect(() => {
    const stopping = new AbortController();
    setLoaded((before) =>
      before.subject === subject ? { ...before, isLoading: true } : { subject, isLoading: true },
    );
    const timer = setTimeout(() => {
      ask(stopping.signal).then(
        (value) => {
          if (!stopping.signal.aborted) setLoaded({ subject, value, isLoading: false });
        },
        (error: unknown) => {
          if (stopping.signal.aborted) return;
          if (!(error instanceof ApiError)) throw error;
          setLoaded((before) => ({ ...before, subject, error, isLoading: false }));
        },
      );
    }, waitMs);
    return () => {
      clearTimeout(timer);
      stopping.abort();
    };
  }, [subject, version]);
  if (loaded.subject !== subject) return { value: undefined, error: undefined, isLoading: true };
  return { value: loaded.value, error: loaded.error, isLoading: loaded.isLoading };
}
