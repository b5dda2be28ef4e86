import { allRemembered, FollowedTarget } from "../../decisions/index.ts";
import { ClientError } from "../../errors.ts";
import { exitCodes } from "../../exit-codes.ts";
import { parseTargetPort } from "../../subscription-flags/index.ts";
import type { ResolvedTarget } from "../../target/index.ts";
import { rowFilterOf, WatchModel, WatchScreen } from "../../watch/index.ts";
import type { WatchFlags } from "../commands/watch.ts";
import { type QuestionContext, runQuestion } from "./question.ts";
import { parseCount, readingSession } from "./reading-session.ts";

/** Requests under way are told at their end only: they are looked for. */
const look = { everyMs: 3_000, last: 100 };

/** Runs `magpie watch`; gives the exit code. */
export function runWatch(flags: WatchFlags): Promise<number> {
  return runQuestion({ ...flags, output: "text" }, () => askedOf(flags), watch.bind(undefined, flags));
}

async function watch(
  flags: WatchFlags,
  context: QuestionContext,
  asked: ReturnType<typeof askedOf>,
): Promise<number> {
  const { target, name, own, paint } = context;
  const { stdin: input, stdout: output } = process;
  const { last, port } = asked;
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const model = new WatchModel({
    label: target.label,
    onlyStolen: flags.onlyStolen,
    ...(flags.filter === undefined ? {} : { filter: flags.filter }),
  });
  const inverts = paint("inverse", "") !== "";
  const screen = new WatchScreen({ input, output, model, look: { paint, inverts } });
  const askedOfMember = (member: ResolvedTarget) => {
    // A session is with one of several members, and so is whoever reads by it.
    const session = target.members === undefined ? flags.session : undefined;
    const as = readingSession({ own, target: member }, session);
    const wholeHead = as !== null;
    return { as, requestId: null, path: null, port, wholeHead, showSecrets: wholeHead && flags.showSecrets };
  };
  const followed: FollowedTarget = new FollowedTarget({
    ...{ target, name, last, look, mends: false, retells: true, signal, askedOf: askedOfMember },
    onDecisions: (decisions) => {
      model.add(decisions);
      model.connection = connectionOf(followed);
      screen.changed();
    },
    onChange: () => {
      model.connection = connectionOf(followed);
      screen.changed();
    },
  });
  const following = followed.run();
  try {
    const failed = following.then(() => new Promise<never>(() => undefined));
    await Promise.race([screen.run(signal), failed]);
  } finally {
    over.abort();
    await following.catch(() => undefined);
  }
  return exitCodes.ok;
}

function connectionOf(followed: FollowedTarget): WatchModel["connection"] {
  const { agents, missing } = followed;
  const away = agents.map(({ state }) => state).find(({ at }) => at === "away");
  return {
    there: agents.filter(({ state }) => state.at === "there").length,
    all: agents.length,
    why: away?.at === "away" ? away.why.message : undefined,
    missing,
  };
}

/** @throws ClientError `usage` */
function askedOf({ filter, last, port }: WatchFlags): { last: number; port: number | null } {
  const { stdin, stdout, env } = process;
  if (!stdin.isTTY || !stdout.isTTY || env["TERM"] === "dumb")
    throw new ClientError("usage", "this is no terminal that a screen could be shown on", {
      hint: "`magpie why --follow` tells the same line by line, with --output json for programs.",
    });
  const read = filter === undefined ? undefined : rowFilterOf(filter, false);
  if (read !== undefined && "problem" in read) throw new ClientError("usage", `--filter: ${read.problem}`);
  return {
    last: Math.min(parseCount("--last", last), allRemembered),
    port: port === undefined ? null : parseTargetPort(port),
  };
}
