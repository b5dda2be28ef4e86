import { NftError } from "./errors.ts";
import type { Redirector } from "./redirector.ts";
import type { RedirectorConfig } from "./redirector-config.ts";

export const IptablesRedirector = {
  async open(_config: RedirectorConfig): Promise<Redirector> {
    throw new NftError("unusable", "not yet");
  },
};
