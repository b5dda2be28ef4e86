import { commandsOf } from "./command.ts";
import type { NftError } from "./errors.ts";
import { readFwmarkAccept, writeFwmarkAccept, writeFwmarkReflect } from "./fwmark-switches.ts";
import { OwnerSession } from "./owner-session.ts";
import { uniqueSuffix } from "./redirector-config.ts";
import { addReturnRoute, removeReturnRoute } from "./return-route.ts";
import { type Chain, PRIORITY, type TableName } from "./ruleset.ts";
import type { NftOptions } from "./run-nft.ts";

/**
 * Mark, routing table and rule priority of the return path, all one number, chosen so that it hardly collides (looked at: Istio marks
 * 0x539, kube-proxy the bits 0x4000 and 0x8000, Cilium 0x0f00, Calico 0xffff0000, Tailscale 0xc0000, Weave 0x20000). Every agent
 * of a namespace must use the same: agents with different marks would divert each other's connections in a ring.
 */
export const RETURN_PATH_ID = 0x106d;

export interface ReturnPathOptions extends NftOptions {
  /** SO_MARK of the transparent sockets toward the app. Never give it to sockets that must leave the pod: this path keeps them in. Default `RETURN_PATH_ID`. */
  readonly mark?: number;
  /** Routing table, and priority of its rule. Default `RETURN_PATH_ID`. */
  readonly table?: number;
  /** "auto" asks for the switch first and takes conntrack where it cannot be set. */
  readonly variant?: "auto" | ReturnPathVariant;
  /** An owned table to put the chains of "conntrack-mark" into; without it the path owns a table of its own. Closed by who opened it. */
  readonly session?: OwnerSession;
}

/** "fwmark-accept": the app's socket inherits the mark, no conntrack. "conntrack-mark": conntrack remembers it. */
export type ReturnPathVariant = "fwmark-accept" | "conntrack-mark";

/** Brings the app's answers back to an agent that dialled from a client's address. Who opens it closes it. */
export interface ReturnPath extends AsyncDisposable {
  readonly variant: ReturnPathVariant;
  /** Why this variant, in words. */
  readonly reason: string;
  /** Which families are covered; for the one that is not, why, in words. */
  readonly ipv4: true | { readonly missing: string };
  readonly ipv6: true | { readonly missing: string };
  /** Calls back once when the table of "conntrack-mark" is gone without `close`: answers to marked connections leave the pod again. */
  onLost(callback: (error: NftError) => void): void;
  /** Removes rules and routes, and puts the switch back. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Opens the way back: packets with the mark are routed to this host, whatever address they go to. Leftovers of a killed agent are taken over.
 * A pod without one family is no error; a pod without both is.
 * @throws NftError `command-failed` (no right, no `ip`), with "conntrack-mark" also the codes of `OwnerSession.open`.
 */
export async function openReturnPath(options: ReturnPathOptions = {}): Promise<ReturnPath> {
  const route = { mark: options.mark ?? RETURN_PATH_ID, table: options.table ?? RETURN_PATH_ID };
  await using stack = new AsyncDisposableStack();
  stack.defer(() => removeReturnRoute("-4", route, options));
  stack.defer(() => removeReturnRoute("-6", route, options));
  const failures = new Map<"-4" | "-6", unknown>();
  const added = async (flag: "-4" | "-6"): Promise<true | { missing: string }> => {
    try {
      await addReturnRoute(flag, route, options);
      return true;
    } catch (cause) {
      failures.set(flag, cause);
      return { missing: messageOf(cause) };
    }
  };
  // Three programs each, one after the other: the families do not wait for each other.
  const [ipv4, ipv6] = await Promise.all([added("-4"), added("-6")]);
  if (failures.size === 2) throw failures.get("-4");
  const { session, ...chosen } = await openVariant(options, route.mark, stack);
  const opened = stack.move();
  return {
    ...chosen,
    ipv4,
    ipv6,
    onLost: (callback) => session?.onExit(callback),
    close: () => opened.disposeAsync(),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function openVariant(
  options: ReturnPathOptions,
  mark: number,
  stack: AsyncDisposableStack,
): Promise<Pick<ReturnPath, "variant" | "reason"> & { session?: OwnerSession }> {
  const { variant = "auto" } = options;
  let reason = "asked for";
  if (variant !== "conntrack-mark") {
    try {
      const wasOn = await readFwmarkAccept(options);
      await writeFwmarkReflect(true, options);
      if (wasOn) return { variant: "fwmark-accept", reason: "tcp_fwmark_accept was on already" };
      await writeFwmarkAccept(true, options);
      // Not worth failing a close: with the mark on no packet, the switch does nothing.
      stack.defer(async () => {
        await writeFwmarkAccept(false, options).catch(() => undefined);
        await writeFwmarkReflect(false, options);
      });
      return { variant: "fwmark-accept", reason: "tcp_fwmark_accept could be set" };
    } catch (cause) {
      if (variant === "fwmark-accept") throw cause;
      reason = `tcp_fwmark_accept cannot be set: ${messageOf(cause)}`;
    }
  }
  const session = await openConntrackMark(options, mark, stack);
  return { variant: "conntrack-mark", reason, session };
}

async function openConntrackMark(
  options: ReturnPathOptions,
  mark: number,
  stack: AsyncDisposableStack,
): Promise<OwnerSession> {
  const chains = conntrackMarkChains(mark);
  const { session: shared } = options;
  if (shared) {
    await shared.apply(commandsOf({ ...shared.table, chains }).slice(1));
    stack.defer(async () => {
      // The table may have gone with its session; then the chains have as well.
      if (shared.isOpen) await shared.apply(removal(shared.table, chains)).catch(() => undefined);
    });
    return shared;
  }
  const table: TableName = { family: "inet", name: `magpie_return_${uniqueSuffix()}` };
  const session = stack.use(await OwnerSession.open({ ...options, table }));
  await session.apply(commandsOf({ ...table, chains }).slice(1));
  return session;
}

/** Saves the mark of our SYN with its connection, and marks the answers with it; a chain of type route has them routed again. */
function conntrackMarkChains(mark: number): Chain[] {
  return [
    {
      name: "return_save",
      // After conntrack (-200), before the default of filter chains.
      base: { type: "filter", hook: "prerouting", priority: PRIORITY.mangle + 1, policy: "accept" },
      rules: [
        {
          parts: [
            { meta: "mark", is: mark },
            { ct: "direction", is: "original" },
            { set: "ct mark", to: "meta mark" },
          ],
        },
      ],
    },
    {
      name: "return_restore",
      base: { type: "route", hook: "output", priority: PRIORITY.mangle, policy: "accept" },
      rules: [
        {
          parts: [
            { ct: "direction", is: "reply" },
            { ct: "mark", is: mark },
            { set: "meta mark", to: mark },
          ],
        },
      ],
    },
  ];
}

function removal(table: TableName, chains: readonly Chain[]) {
  return chains.flatMap(({ name }) => [
    { flush: "chain", table, name } as const,
    { delete: "chain", table, name } as const,
  ]);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
