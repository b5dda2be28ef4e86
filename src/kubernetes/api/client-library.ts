/**
 * The door to `@kubernetes/client-node` and the YAML reader it brings.
 *
 * The library takes 0.4 s to load, nearly all of it for a class per API object (2026-11-30, `import()` on 2 cores). What is
 * needed of it is how people log in. So the plugin runner is loaded alone, and the whole only for what needs the rest: OpenID
 * Connect and cloud `auth-provider`s, and proxies. Nothing is loaded before the first function here is called.
 */
import type { RequestOptions } from "node:https";
import type { ClusterEntry, ExecEntry, UserEntry } from "./kubeconfig-entries.ts";

/** What a login adds to a request: header fields, a client certificate (PEM), an agent that goes through a proxy. */
export type LoginOptions = Pick<RequestOptions, "headers" | "cert" | "key" | "agent" | "auth">;

/** Reads the first YAML document of a text; undefined when it holds none. @throws YAMLException, which says line and column. */
export async function readYaml(text: string): Promise<unknown> {
  const { loadAll } = await import("js-yaml");
  return loadAll(text)[0];
}

/** Runs credential plugins, and keeps what each gave until it expires. */
export interface PluginRunner {
  /** @throws Error with what the plugin wrote to stderr. */
  login(user: UserEntry, exec: ExecEntry): Promise<LoginOptions>;
}

/** A runner that has asked no plugin yet. */
export async function pluginRunner(): Promise<PluginRunner> {
  const { ExecAuth } = await import("@kubernetes/client-node/dist/exec_auth.js");
  const runner = new ExecAuth();
  return {
    login: async (user, exec) => {
      const options: RequestOptions = {};
      await runner.applyAuthentication({ name: user.name, exec }, options);
      return options;
    },
  };
}

/** What logs in by the whole library. */
export interface LibraryLogin {
  login(): Promise<LoginOptions>;
}

/** For users with an `auth-provider`, and clusters behind a proxy. */
export async function libraryLogin(cluster: ClusterEntry, user: UserEntry): Promise<LibraryLogin> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  const optional = <Value>(name: string, value: Value | undefined) =>
    value === undefined ? {} : { [name]: value };
  config.loadFromClusterAndUser(
    {
      name: cluster.name,
      server: cluster.server,
      skipTLSVerify: cluster.skipTlsVerify,
      ...optional("caFile", cluster.caFile),
      ...optional("caData", cluster.caData),
      ...optional("tlsServerName", cluster.tlsServerName),
      ...optional("proxyUrl", cluster.proxyUrl),
    },
    {
      name: user.name,
      ...optional("authProvider", user.authProvider),
      ...optional("exec", user.exec),
      ...optional("certFile", user.certFile),
      ...optional("certData", user.certData),
      ...optional("keyFile", user.keyFile),
      ...optional("keyData", user.keyData),
    },
  );
  return {
    login: async () => {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      return options;
    },
  };
}
