import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { ClientError } from "../../errors.ts";
import { exitCodes } from "../../exit-codes.ts";
import { askForInspector } from "../../inspector/asking/inspect-socket.ts";
import type { OpenInspector } from "../../inspector/open-inspector.ts";
import type { OwnSession } from "../../own-sessions/index.ts";
import { aborted } from "../../running/interrupts.ts";
import { inspectOf } from "../../subscription-flags/index.ts";
import { clusterChoiceOf, openTarget, type ResolvedTarget } from "../../target/index.ts";
import type { InspectCommandFlags, InspectHarFlags } from "../commands/inspect.ts";
import { type AskedMember, membersOf } from "./each-member.ts";
import { openInBrowser } from "./open-in-browser.ts";
import { answered, type QuestionContext } from "./question.ts";
import { tellError } from "./terminal.ts";

/** Decisions from before, of each agent. */
const last = 500;
const retryMs = 2_000;
/** More is no recording of requests that a page could show. */
const maxHarBytes = 512 * 1024 * 1024;

/** Runs `magpie inspect`; gives the exit code. */
export function runInspect(flags: InspectCommandFlags): Promise<number> {
  return answered({ ...flags, follow: true }, async (context) => {
    const port = portOf(flags);
    const target = flags.target ? openTarget(flags.target, clusterChoiceOf(flags), flags) : undefined;
    const session = ownSession(flags, { context, target });
    if (session !== undefined) {
      const url = await askForInspector(context.own.inspectorSocketOf(session.pid));
      await tell(url, flags, context);
      return exitCodes.ok;
    }
    if (target === undefined) throw noSession();
    target.requirePrivilege?.();
    return await lookOn(target, { flags, context, port });
  });
}

/** Runs `magpie inspect har`; gives the exit code. */
export function runInspectHar(flags: InspectHarFlags): Promise<number> {
  return answered({ ...flags, follow: true }, async (context) => {
    const port = portOf(flags);
    const text = await readHarFile(flags.file);
    const { openInspector } = await import("../../inspector/open-inspector.ts");
    await using open = await openInspector({
      target: flags.file,
      port,
      last: 0,
      offline: "a file is looked at",
    });
    const skipped = await takeHar(open, text, flags.file);
    for (const reason of skipped)
      tellError({ message: `${flags.file}: ${reason}, skipped`, hint: undefined });
    await tell(open.url, flags, context);
    await until(context.signal);
    return exitCodes.ok;
  });
}

/** Undefined where none of this user's fits, but a target is named that can be looked at. @throws ClientError */
function ownSession(
  flags: InspectCommandFlags,
  about: { context: Pick<QuestionContext, "own">; target: ResolvedTarget | undefined },
): OwnSession | undefined {
  try {
    return about.context.own.choose({ session: flags.session, target: about.target });
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== "no-own-session" || flags.session !== undefined)
      throw error;
    if (about.target === undefined) throw noSession();
    return undefined;
  }
}

function noSession(): ClientError {
  return new ClientError("no-own-session", "no session of yours runs on this machine", {
    hint: "Add --inspect to magpie steal, mirror or exec; or name a target to look on, like --target netns:shop.",
  });
}

async function lookOn(
  target: ResolvedTarget,
  about: { flags: InspectCommandFlags; context: Omit<QuestionContext, "target">; port: number },
): Promise<number> {
  const { flags, context, port } = about;
  const { name, signal } = context;
  const { openInspector } = await import("../../inspector/open-inspector.ts");
  const { askAgent } = await import("../../control/index.ts");
  const members = await membersOf(target, signal);
  const offline = "nobody's session runs here: this page only looks on";
  await using open = await openInspector({ target: target.label, port, last, offline });
  const follow = async (one: AskedMember): Promise<void> => {
    let isFirst = true;
    while (!signal.aborted) {
      try {
        await open.inspector.lookOn({
          member: one.member,
          last: isFirst ? last : 0,
          ask: (question, options) => askAgent({ target: one.target, name, question, ...options }),
        });
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        // Where nobody is, from the begin, there is nothing to look at; later it may come back.
        if (isFirst && members.length === 1) throw error;
      }
      isFirst = false;
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
    }
  };
  const following = Promise.all(members.map(follow));
  following.catch(() => undefined);
  await tell(open.url, flags, context);
  await Promise.race([until(signal), following]);
  return exitCodes.ok;
}

async function tell(
  url: string,
  flags: Pick<InspectCommandFlags, "open" | "output">,
  { writeLine }: Pick<QuestionContext, "writeLine">,
): Promise<void> {
  writeLine(flags.output === "json" ? JSON.stringify({ event: "inspector", url }) : url);
  if (!flags.open) return;
  const problem = await openInBrowser(url, process.env);
  if (problem !== undefined) tellError({ message: problem, hint: "Open the URL by hand." });
}

function portOf({ port }: { readonly port?: string }): number {
  return inspectOf(port === undefined ? {} : { inspectPort: port })?.port ?? 0;
}

async function readHarFile(file: string): Promise<string> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > maxHarBytes) throw new Error(`it has more than ${maxHarBytes} bytes`);
    return bytes.toString("utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError("local-data", `${file} cannot be read: ${why}`, { cause });
  }
}

async function takeHar({ inspector }: OpenInspector, text: string, file: string): Promise<readonly string[]> {
  const { readHar } = await import("../../inspector/har/index.ts");
  const { importEntries } = await import("../../inspector/server/import-entries.ts");
  try {
    const { entries, skipped } = readHar(text);
    await importEntries(inspector.store, entries);
    return skipped;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ClientError("local-data", `${file}: ${why}`, { cause });
  }
}

/** The page's server alone does not keep a process: this does, until Ctrl-C. */
async function until(signal: AbortSignal): Promise<void> {
  const keeper = setInterval(() => undefined, 60_000);
  await aborted(signal);
  clearInterval(keeper);
}
