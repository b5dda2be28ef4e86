/**
 * Settles when all have. When one fails, `onFailure` may stop the others, and what they make is disposed of.
 * @throws the first failure
 */
export async function allOrNone<const Promises extends readonly Promise<unknown>[]>(
  promises: Promises,
  onFailure: () => void = () => undefined,
): Promise<{ -readonly [At in keyof Promises]: Awaited<Promises[At]> }> {
  try {
    return await Promise.all(promises);
  } catch (error) {
    onFailure();
    for (const settled of await Promise.allSettled(promises))
      if (settled.status === "fulfilled" && isDisposable(settled.value))
        await settled.value[Symbol.asyncDispose]();
    throw error;
  }
}

function isDisposable(value: unknown): value is AsyncDisposable {
  return typeof value === "object" && value !== null && Symbol.asyncDispose in value;
}
