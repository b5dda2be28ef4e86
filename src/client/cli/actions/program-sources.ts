import { notesOnSources, type ProgramSources, sourcesOf } from "../../context/index.ts";
import type { QuestionContext } from "./question.ts";
import { tellNote } from "./terminal.ts";

/** Asks the target; people are told on stderr of which process the variables are. @throws ClientError as `readEnvironment` */
export async function programSources(
  { target, name, signal }: Pick<QuestionContext, "target" | "name" | "signal">,
  process: number | undefined,
): Promise<ProgramSources> {
  const { readEnvironment } = await import("../../control/index.ts");
  const sources = sourcesOf(await readEnvironment({ target, name, process, signal }));
  const { whose, missing } = notesOnSources(sources);
  tellNote(whose);
  if (missing !== undefined) tellNote(missing, "yellow");
  return sources;
}
