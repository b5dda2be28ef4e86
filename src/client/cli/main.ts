import { exitCodes } from "../exit-codes.ts";
import { runFilterTry } from "./actions/filter-try.ts";
import { runFilterSet } from "./actions/filter-set.ts";
import { runRelease } from "./actions/release.ts";
import { runMirror } from "./actions/mirror.ts";
import { runMetrics } from "./actions/metrics.ts";
import { runSessions } from "./actions/sessions.ts";
import { runWhy } from "./actions/why.ts";
import { runSteal } from "./actions/steal.ts";
import { runProgram } from "./program.ts";
import { packageVersion } from "./version.ts";

// Who reads us, or started us, may go away; that is no failure of ours, and a session must end in good order.
process.stdout.on("error", hangUp);
process.stderr.on("error", () => undefined);
process.once("disconnect", hangUp);
process.channel?.unref();

// The launcher's own mark, which is nothing to the program.
delete process.env["MAGPIE_REEXEC"];

const parsed = await runProgram(process.argv.slice(2), {
  version: packageVersion(),
  actions: {
    steal: runSteal,
    mirror: runMirror,
    sessions: runSessions,
    release: runRelease,
    filterSet: runFilterSet,
    metrics: runMetrics,
    filterTry: runFilterTry,
    why: runWhy,
  },
  output: {
    writeOut: (text) => void process.stdout.write(text),
    writeErr: (text) => void process.stderr.write(text),
  },
});
// A stream that some library still holds must not keep a finished command from ending.
process.exit("misunderstood" in parsed ? exitCodes.usage : parsed.exitCode);

function hangUp(): void {
  process.emit("SIGHUP", "SIGHUP");
}
