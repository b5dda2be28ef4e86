/** Whether the whole text fits a pattern in which `*` is any run of characters. Takes at most length × length steps. */
export function fitsGlob(glob: string, text: string): boolean {
  let at = 0;
  let globAt = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    if (glob[globAt] === "*") {
      star = globAt++;
      resume = at;
    } else if (glob[globAt] === text[at]) {
      globAt++;
      at++;
    } else if (star !== -1) {
      globAt = star + 1;
      at = ++resume;
    } else return false;
  }
  while (glob[globAt] === "*") globAt++;
  return globAt === glob.length;
}
