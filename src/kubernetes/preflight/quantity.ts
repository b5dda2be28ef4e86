/** Suffixes of Kubernetes' amounts (k8s.io/apimachinery/pkg/api/resource/quantity.go). */
const factors: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** `64Mi` as a number of bytes, `500m` as 0.5; undefined for what is no amount. */
export function bytesOf(quantity: string): number | undefined {
  const [, number, suffix = ""] = /^([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(quantity) ?? [];
  const factor = factors[suffix];
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}
