/** What is wanted of a target, as far as that is known before it is looked up. */
export interface AskedPorts {
  /** The target's own numbers; none where they are not known before the program listens. */
  readonly ports: readonly number[];
  /** Whether requests are taken or copied. */
  readonly incoming: boolean;
}

/** Who only asks wants no requests. */
export const noPorts: AskedPorts = { ports: [], incoming: false };

/** The target's ports that texts after `--port` name. What is wrong about them is told elsewhere. */
export function portsNamed(texts: readonly string[]): number[] {
  return texts.flatMap((text) => {
    const port = Number(/^\d{1,5}/.exec(text)?.[0]);
    return port >= 1 && port <= 65_535 ? [port] : [];
  });
}
