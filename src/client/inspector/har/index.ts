export type { Har, HarEntry, RecordedEntry } from "./har-format.ts";
export { harEntryOf, harTextOf } from "./har-of.ts";
export { type ReadHar, readHar } from "./read-har.ts";
