/** A program that can be ended. */
interface Endable {
  readonly ended: Promise<unknown>;
  kill(signal: NodeJS.Signals): void;
}

/** How long it may take to end by itself. */
const programEndMs = 5_000;

/** Ends a program by SIGTERM, and by SIGKILL when that takes too long. */
export async function endProgram(program: Endable): Promise<void> {
  program.kill("SIGTERM");
  const overdue = setTimeout(() => program.kill("SIGKILL"), programEndMs);
  await program.ended;
  clearTimeout(overdue);
}
