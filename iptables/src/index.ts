/** The only door of the package. */
export { type Command, commandsOf, renderCommand } from "./command.ts";
export { chainsOfOthers } from "./chains-of-others.ts";
export { NftError, type NftErrorCode, type NftProblem } from "./errors.ts";
export { leasedPortSet, leasePorts } from "./lease.ts";
export type { Match, Operand, PortOrRange, TcpFlag } from "./match.ts";
export { openRedirector, type OpenedRedirector, type OpenRedirectorOptions } from "./open-redirector.ts";
export { OwnerSession, type OwnerSessionOptions } from "./owner-session.ts";
export { type BackendReport, probe, type ProbeReport } from "./probe.ts";
export { type BackendName, DEFAULT_LEASE_MS, type Redirector, type RedirectorOptions } from "./redirector.ts";
export { renderTable, renderTransaction, type RenderedTransaction } from "./render.ts";
export {
  openReturnPath,
  RETURN_PATH_ID,
  type ReturnPath,
  type ReturnPathOptions,
  type ReturnPathVariant,
} from "./return-path.ts";
export {
  type BaseChain,
  type Chain,
  type Family,
  type Hook,
  type NamedSet,
  PRIORITY,
  type Rule,
  type SetElement,
  type SetType,
  type SetValue,
  type Table,
  type TableName,
} from "./ruleset.ts";
export { listRuleset, type NftOptions, runNft } from "./run-nft.ts";
export type { Statement } from "./statement.ts";
export type { ToolOptions } from "./tool.ts";
