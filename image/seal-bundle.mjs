/**
 * `node seal-bundle.mjs <dist/agent.json>`: has the launcher take the bundle without a look at the sources that it was made of. In an
 * image nobody edits them, and a layer may give them another time. Fails where there is no bundle.
 */
import { readFileSync, writeFileSync } from "node:fs";

const [note] = process.argv.slice(2);
const { main } = JSON.parse(readFileSync(note, "utf8"));
writeFileSync(note, JSON.stringify({ main, sources: {} }));
