export type { JsonLine } from "./json-line.ts";
export { textOfLine } from "./write-line.ts";
