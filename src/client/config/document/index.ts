export {
  type ConfigMember,
  type ConfigNode,
  type ConfigPath,
  type ConfigScalar,
  type Fault,
  memberAt,
  nearestNode,
  type Span,
} from "./config-node.ts";
export { decodeText } from "./decode-text.ts";
export { limits } from "./limits.ts";
export { plainValue } from "./plain-value.ts";
export { endings, readDocument } from "./read-document.ts";
export { type FilePlace, SourceText } from "./source-text.ts";
