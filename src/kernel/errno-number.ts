import { constants } from "node:os";

/** What Node's own list lacks (asm-generic/errno.h, the same on x86-64 and arm64). */
const others: Readonly<Record<string, number>> = {
  ENOTBLK: 15,
  EUCLEAN: 117,
  EREMOTEIO: 121,
  ENOMEDIUM: 123,
  ENOKEY: 126,
  ESHUTDOWN: 108,
  EHOSTDOWN: 112,
  ESOCKTNOSUPPORT: 94,
  EPFNOSUPPORT: 96,
  ETOOMANYREFS: 109,
  EUSERS: 87,
  ENONET: 64,
  ENOTUNIQ: 76,
  EBADFD: 77,
  ECOMM: 70,
};

const numbers = new Map([...Object.entries(others), ...Object.entries(constants.errno)]);

/** The number of an errno on Linux, by name (errno(3)). @throws RangeError for a name that there is not */
export function errnoNumber(name: string): number {
  const number = numbers.get(name);
  if (number === undefined) throw new RangeError(`${name} is no errno`);
  return number;
}
