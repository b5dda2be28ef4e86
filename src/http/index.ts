export { Fields } from "./fields.ts";
export type { RequestHead } from "./request-head.ts";
