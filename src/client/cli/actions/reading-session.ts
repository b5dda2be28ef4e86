import type { SessionProof } from "../../../protocol/index.ts";
import { ClientError } from "../../errors.ts";
import { proofOf } from "../../own-sessions/index.ts";
import type { QuestionContext } from "./question.ts";

/**
 * For whose eyes an answer is: those of the named session, else of the only one of this user on the target. Null where
 * there is none, or several.
 * @throws ClientError `no-own-session`, `local-data`
 */
export function readingSession(
  { own, target }: Pick<QuestionContext, "own" | "target">,
  session: string | undefined,
): SessionProof | null {
  if (session !== undefined) return proofOf(own.choose({ session, target }));
  const [only, ...others] = own.of(target);
  return only === undefined || others.length > 0 ? null : proofOf(only);
}

/** Reads a number of things that is asked for. @throws ClientError `usage` */
export function parseCount(flag: string, text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count > 0 && count <= maxCount) return count;
  throw new ClientError("usage", `${flag} ${JSON.stringify(text)} is no number from 1 to ${maxCount}`);
}

const maxCount = 100_000;
