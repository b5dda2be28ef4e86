import type { ConfigFile } from "../../config/index.ts";
import type { LoadedConfig } from "../../config/load-config.ts";
import type { Setting } from "./setting.ts";
import { SettingsRefused } from "./settings-refused.ts";
import type { BoundOption } from "./variable-settings.ts";

/**
 * What a file says of flags. Readers and schema are loaded only here, where there is a file.
 * @throws SettingsRefused with all that is wrong with it
 */
export async function fileSettings(
  bound: readonly BoundOption[],
  about: { file: ConfigFile; environment: NodeJS.ProcessEnv; profile: string | undefined },
): Promise<{ readonly settings: readonly Setting[]; readonly loaded: LoadedConfig }> {
  const { file, environment, profile } = about;
  const { loadConfig } = await import("../../config/load-config.ts");
  const { flagValues } = await import("../../config/flag-values.ts");
  const { loaded, problems } = await loadConfig(file, { environment, profile });
  if (problems !== undefined) throw new SettingsRefused(problems);
  const settings = flagValues(loaded.config, file.folder).flatMap(({ binding, value, path }): Setting[] => {
    const option = bound.find((one) => one.binding === binding)?.option;
    if (option === undefined) return [];
    const { field } = binding;
    return [{ binding, option, value, origin: { kind: "file", field, path, place: loaded.placeOf(path) } }];
  });
  return { settings, loaded };
}
