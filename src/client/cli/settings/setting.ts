import type { Option } from "commander";
import type { Binding, FlagOrigin } from "../../config/index.ts";

/** A value for a flag that nobody wrote on the command line. */
export interface Setting {
  readonly binding: Binding;
  readonly option: Option;
  readonly value: string | readonly string[] | boolean;
  readonly origin: FlagOrigin;
}
