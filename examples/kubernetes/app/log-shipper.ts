/** A sidecar as pods have them: it listens, too, and is not the app. */
import { createServer } from "node:http";

createServer((_, response) => response.end("shipped_lines_total 0\n")).listen(9101, "::");
process.on("SIGTERM", () => process.exit());
