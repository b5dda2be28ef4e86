import { ClientError } from "../../errors.ts";
import type { ResolvedTarget } from "../../target/index.ts";
import { printable } from "../../text/paint.ts";
import { tellError } from "./terminal.ts";

/** One of those that are asked; without a name where there is only one. */
export interface AskedMember {
  readonly member: string | undefined;
  readonly target: ResolvedTarget;
}

/** What one of them has answered. */
export interface MemberAnswer<Answer> extends AskedMember {
  readonly answer: Answer;
}

/** So many are asked at the same time. */
const atOnce = 8;

/** The members of a target as they are now, or the target itself. @throws ClientError; the signal's reason */
export async function membersOf(target: ResolvedTarget, signal: AbortSignal): Promise<AskedMember[]> {
  if (target.members === undefined) return [{ member: undefined, target }];
  const listed = await target.members.list({ signal });
  return listed.map(({ name, target }) => ({ member: name, target }));
}

/**
 * Asks all, and gives what those have answered that could. Who could not is told on stderr; `isNoMatter` says of which errors
 * there is nothing to tell, where others have answered.
 * @throws ClientError the first one's, when none could
 */
export async function askEach<Answer>(
  asked: readonly AskedMember[],
  ask: (one: AskedMember) => Promise<Answer>,
  isNoMatter: (error: ClientError) => boolean = isNoAgent,
): Promise<MemberAnswer<Answer>[]> {
  const answers: (MemberAnswer<Answer> | undefined)[] = [];
  const errors: { readonly member: string | undefined; readonly error: ClientError }[] = [];
  const left = [...asked.entries()];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, one] = next;
      try {
        answers[index] = { ...one, answer: await ask(one) };
      } catch (error) {
        if (!(error instanceof ClientError)) throw error;
        errors.push({ member: one.member, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, asked.length) }, work));
  const given = answers.filter((answer) => answer !== undefined);
  const [first] = errors.toSorted(
    (one, other) => Number(isNoMatter(one.error)) - Number(isNoMatter(other.error)),
  );
  if (given.length === 0 && first !== undefined) throw first.error;
  for (const { member, error } of errors)
    if (!isNoMatter(error))
      tellError({ message: `${printable(member ?? "")}: ${error.message}`, hint: error.hint });
  return given;
}

/** Where nobody has started an agent there is nothing to ask. */
export function isNoAgent({ code }: ClientError): boolean {
  return code === "no-agent";
}
