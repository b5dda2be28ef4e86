const word = /[0-9A-Za-z]+/g;

/**
 * A line with its numbers and ids left out: runs of letters and digits that have a digit become `#`. Two lines of one
 * template differ in times, counters, ids and tokens only.
 */
export function lineTemplate(line: string): string {
  return line.replace(word, (run) => (/\d/.test(run) ? "#" : run));
}
