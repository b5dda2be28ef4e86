import type { GrpcTest } from "../../src/filters/index.ts";
import type { RequestHead } from "../../src/http/index.ts";
import { wireHead } from "./head.ts";
import { randomComparison } from "./random-comparison.ts";
import type { Random } from "./random.ts";

const services = ["shop.Cart", "shop.Order", "a/b", "Cart"];
const rpcs = ["AddItem", "Get", "Watch"];
const grpcPatterns = ["^shop\\.", "cart$", "e", "(?-i)Cart", "^Get$"];
const keys = ["x-tenant", "X-User", "id-bin", "ID-Bin", "!odd"];
/** Of base64 with and without padding, and all of them values of other metadata as well. */
const keyValues = ["blue", "u+12", "YQ==", "YQ", "YWI=", "YWJj", "Ymx1ZQ", ""];
const keyLines = ["^x-tenant: blue$", "^id-bin: YQ$", "^id-bin: ", "tenant", "(blue|green)$"];

/** What a gRPC clause may ask for. */
export function randomGrpc(random: Random): GrpcTest {
  const name = (names: readonly string[]) =>
    random.chance(40) ? random.pick(names) : randomComparison(random, names, grpcPatterns);
  const metadata = () => {
    if (random.chance(20)) return random.pick(keyLines);
    const absent = random.chance(30) ? ({ absent: true } as const) : ({ present: true } as const);
    const test = random.chance(35) ? absent : randomComparison(random, keyValues, ["^YQ=*$", "^b", "="]);
    return { name: random.pick(keys), ...test };
  };
  const grpc = {
    ...(random.chance(45) && { service: name(services) }),
    ...(random.chance(40) && { method: name(rpcs) }),
    ...(random.chance(20) && { metadata: [metadata(), metadata()] }),
    ...(random.chance(20) && { metadata: metadata() }),
  };
  return Object.keys(grpc).length === 0 ? { present: true } : grpc;
}

/** A gRPC call, or what is nearly one, with other field lines before its own. */
export function randomCall(random: Random, others: readonly string[] = []): RequestHead {
  const type = random.chance(80)
    ? "application/grpc"
    : random.pick(["application/json", "application/grpc-web"]);
  const suffix = random.pick(["", "", "+proto", ";a=b"]);
  const metadata = Array.from({ length: random.below(3) }, () => {
    const [one, other] = [random.pick(keyValues), random.pick(keyValues)];
    return `${random.pick(keys)}: ${random.chance(15) ? `${one},${other}` : one}`;
  });
  const contentType = random.chance(90) ? [`Content-Type: ${type}${suffix}`] : [];
  const fields = [...others, ...metadata, ...contentType];
  const method = random.chance(90) ? "POST" : "GET";
  const name = `/${random.pick(services)}/${random.pick(rpcs)}`;
  const target = random.chance(85)
    ? name
    : random.pick([`http://h${name}`, `${name}?q=/1`, "/shop.Cart/", "//Get", "/Get", "/", "*"]);
  return { ...wireHead(fields), method, target, authority: "shop.example" };
}
