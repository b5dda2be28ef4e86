import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { KubernetesApi } from "../api/kubernetes-api.ts";
import type { KubernetesObject } from "../api/objects.ts";
import type { Resource } from "../api/resource.ts";
import { type RightsHolder, UNKNOWN_HOLDER } from "./role-yaml.ts";
import { seen, valueOf } from "./seen.ts";

/** Kubernetes 1.28 and later tell everybody who they are. */
const selfSubjectReviews: Resource = {
  group: "authentication.k8s.io",
  version: "v1",
  plural: "selfsubjectreviews",
  kind: "SelfSubjectReview",
  namespaced: false,
};

type SelfSubjectReview = KubernetesObject & {
  readonly status?: { readonly userInfo?: { readonly username?: string } };
};

/** Who we are to the cluster: as it says, else by what our credentials show. */
export async function whoAmI(api: KubernetesApi, signal: AbortSignal): Promise<RightsHolder> {
  const review = { metadata: { name: "" } };
  const said = await seen(() => api.create<SelfSubjectReview>(selfSubjectReviews, review, { signal }));
  const username = valueOf(said)?.status?.userInfo?.username;
  if (username) return { name: username, isCertain: true };
  const shown = await nameShownBy(api);
  return { name: shown ?? UNKNOWN_HOLDER, isCertain: false };
}

async function nameShownBy(api: KubernetesApi): Promise<string | undefined> {
  const { impersonate, certData, certFile, token, tokenFile, username } = api.cluster.user;
  if (impersonate.user !== undefined) return impersonate.user;
  const pem = certData === undefined ? await textOf(certFile) : Buffer.from(certData, "base64").toString();
  if (pem !== undefined) return commonNameOf(pem);
  return username ?? serviceAccountOf(token ?? (await textOf(tokenFile)));
}

/** Of a client certificate the common name is the user (kubernetes.io/docs/reference/access-authn-authz/authentication). */
function commonNameOf(pem: string): string | undefined {
  try {
    return /^CN=(.+)$/m.exec(new X509Certificate(pem).subject)?.[1];
  } catch {
    return undefined; // Whatever it is, it shows no name.
  }
}

/** A service account's token says so itself; of other tokens only the API server knows whose they are. */
function serviceAccountOf(token: string | undefined): string | undefined {
  const [, payload = ""] = token?.split(".") ?? [];
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString());
    const subject = typeof claims === "object" && claims !== null && "sub" in claims ? claims.sub : undefined;
    return typeof subject === "string" && subject.startsWith("system:serviceaccount:") ? subject : undefined;
  } catch {
    return undefined;
  }
}

async function textOf(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  return await readFile(path, "utf8").catch(() => undefined);
}
