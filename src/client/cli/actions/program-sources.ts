import { notesOnSources, type ProgramSources, sourcesOf } from "../../context/index.ts";
import { oneOf } from "../../target/index.ts";
import type { QuestionContext } from "./question.ts";
import { tellNote } from "./terminal.ts";

/** Asks the target; people are told on stderr of which process the variables are. @throws ClientError as `readEnvironment` */
export async function programSources(
  { target: whole, name, signal }: Pick<QuestionContext, "target" | "name" | "signal">,
  { process, from }: { readonly process: number | undefined; readonly from: string | undefined },
): Promise<ProgramSources> {
  const { target, note } = await oneOf(whole, { from, signal });
  if (note !== undefined) tellNote(note);
  const { readEnvironment } = await import("../../control/index.ts");
  const sources = sourcesOf(await readEnvironment({ target, name, process, signal }));
  const { whose, missing } = notesOnSources(sources);
  tellNote(whose);
  if (missing !== undefined) tellNote(missing, "yellow");
  return sources;
}
