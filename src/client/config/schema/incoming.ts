import { z } from "zod";
import { parseIgnoreRule } from "../../compare/parse-ignore-rule.ts";
import { ClientError } from "../../errors.ts";
import { parseIgnoredPort } from "../../exec/ignored-port.ts";
import { parseRate, parseSample } from "../../mirror/rates.ts";
import { parseLocalHost, parsePortMapping } from "../../subscription-flags/port-mapping.ts";
import { parsePriority } from "../../subscription-flags/priority.ts";
import { duration, field, several, text, textReadBy, whole, yesOrNo } from "./field.ts";
import { filterSchema } from "./filter.ts";
import { readBy } from "./problem-of-value.ts";

const certificate =
  "A path that is not absolute begins at the folder of the project; pod:/path is a file of the pod.";

const localTls = z.union([
  yesOrNo,
  z.strictObject({
    ca: field(text, {
      description: "Check the local program's certificate against this authority, a file in PEM.",
      examples: ["certs/ca.pem"],
    }),
  }),
]);

const tls = z.strictObject({
  cert: field(text, {
    description: `Read TLS: the app's certificate, in PEM. ${certificate}`,
    examples: ["pod:/tls/tls.crt"],
  }),
  key: field(text, { description: `Its key. ${certificate}`, examples: ["pod:/tls/tls.key"] }),
  verify: field(z.enum(["pin", "ca", "none"]), {
    description: "The app must show that very certificate, one of ca, or any.",
    default: "pin",
  }),
  ca: field(text, { description: `Who vouches for the app's certificate. ${certificate}` }),
  serverName: field(text, {
    description: "Whom the app's certificate must be for (default: whom the caller asks for).",
    examples: ["shop.example"],
  }),
  clientCa: field(text, {
    description: `Ask callers for a certificate that this authority vouches for. ${certificate}`,
  }),
  clientAuth: field(z.enum(["request", "require"]), {
    description: "Whether callers may go without (default: require).",
  }),
  appCert: field(text, { description: `What an app that asks for a certificate is shown. ${certificate}` }),
  appKey: field(text, { description: `Its key. ${certificate}` }),
});

const compare = z.union([
  yesOrNo,
  z.strictObject({
    enabled: field(yesOrNo, {
      description:
        "Whether answers are compared; so that the rest may stand here before anybody asks for it.",
      default: true,
    }),
    ignore: field(several(textReadBy((rule) => parseIgnoreRule(rule))), {
      description: "Differences that do not count, as `magpie help mirror` tells them.",
      examples: ["header:x-trace", ["/items/*/seen", "line:/generated at/"]],
    }),
    report: field(text, {
      description:
        "Write what came of comparing to this file, in JSON. A path that is not absolute begins at the folder of the project.",
      examples: ["diff.json"],
    }),
    maxDifferences: field(
      whole((count) => countOf(count)),
      { description: "How many exchanges that differ are told one by one.", default: 20 },
    ),
    learn: field(yesOrNo, {
      description: "Whether the app may be asked twice to learn what differs between its own answers.",
      default: true,
    }),
  }),
]);

/** Which requests come, and what is done with them. */
export const incomingSchema = z.strictObject({
  mode: field(z.enum(["steal", "mirror", "off"]), {
    description:
      "Of exec: answer requests, have copies of them, or have none (default: steal with a filter, mirror without). steal and mirror are what they are called.",
  }),
  ports: field(
    several(z.union([z.number().check(readBy((port) => readPort(String(port)))), textReadBy(readPort)])),
    {
      description:
        "Ports of the target, and where their requests go: 80, 80:8080 or 80:[::1]:8080. exec finds the ports by itself that its program opens.",
      examples: [80, ["80:8080", 9090], "443:127.0.0.1:8443"],
    },
  ),
  otherPorts: field(yesOrNo, {
    description: "Whether ports of the program that ports does not name have requests too. Of exec.",
    default: true,
  }),
  ignorePorts: field(several(whole((port) => parseIgnoredPort(port))), {
    description: "Ports of the program that have none: they are left to this machine. Of exec.",
    examples: [9229, [9229, 9090]],
  }),
  localHost: field(textReadBy(parseLocalHost), {
    description: "Where requests go when ports names no address. Of steal and mirror.",
    default: "127.0.0.1",
  }),
  filter: field(filterSchema, {
    description:
      "Which requests: an expression as after --filter, or an object whose parts must all hold. Without one it is all of them.",
    examples: [{ header: "x-user: {{ env.USER }}" }, 'path ^= "/api" and !header("x-probe")'],
  }),
  priority: field(whole(parsePriority), {
    description: "Sessions of a higher priority are asked first. Of requests that are stolen.",
    default: 0,
  }),
  onLocalFailure: field(z.enum(["original", "error"]), {
    description: "Who answers when the program cannot be reached. Of requests that are stolen.",
    default: "original",
  }),
  stealProbes: field(yesOrNo, {
    description: "Answer the platform's health probes too; else the app does.",
    default: false,
  }),
  servedBy: field(yesOrNo, {
    description: "Tell callers by the field magpie-served-by of answers that they are yours.",
    default: false,
  }),
  localProtocol: field(z.enum(["auto", "http1", "http2"]), {
    description: "Which HTTP the local program speaks, where it is to be told.",
    default: "auto",
  }),
  localTls: field(localTls, {
    description: "Speak TLS to the local program; on loopback any certificate will do, or one of ca.",
    default: false,
    examples: [true, { ca: "certs/ca.pem" }],
  }),
  tls: field(tls, { description: "How TLS of the target's ports is read." }),
  sample: field(
    z.union([z.number().check(readBy((share) => parseSample(String(share)))), textReadBy(parseSample)]),
    {
      description: "Copy only this share of the requests. Of mirror.",
      default: "100%",
      examples: ["10%", 0.1],
    },
  ),
  maxRate: field(whole(parseRate), {
    description: "Copy at most so many: 50 (a second), 50/s, 100/m or 10/h. Of mirror.",
    examples: ["50/s"],
  }),
  copyTimeout: field(duration, {
    description: "How long the program may take to answer a copy. Of mirror.",
    default: "60s",
  }),
  compare: field(compare, {
    description: "Compare the program's answers with the app's. Of mirror.",
    default: false,
    examples: [true, { ignore: ["header:x-trace"], report: "diff.json" }],
  }),
});

function readPort(port: string): void {
  parsePortMapping(port, "127.0.0.1");
}

function countOf(count: string): void {
  if (/^\d{1,9}$/.test(count)) return;
  throw new ClientError("usage", `${JSON.stringify(count)} is no number`, {
    hint: "Write how many exchanges that differ are told one by one; all of them are counted.",
  });
}
