import t from "tap";
import { DynamicTable } from "../../../src/http/hpack/dynamic-table.ts";
import { FieldEntry } from "../../../src/http/hpack/field-entry.ts";
import { seededRandom } from "../../fixtures/byte-splits.ts";

const entry = (valueBytes: number): FieldEntry => new FieldEntry("n", "v".repeat(valueBytes));

void t.test(
  "RFC 7541 §4.4: an entry larger than the table empties it, and is numbered all the same",
  async (t) => {
    const table = new DynamicTable(100);
    const first = table.insert(entry(10));
    t.equal(table.indexOf(first), 1);
    const large = table.insert(entry(68));
    t.equal(table.count, 0);
    t.equal(table.indexOf(large), 0);
    const next = table.insert(entry(67));
    t.equal(table.indexOf(next), 1, "exactly as large as the table");
    t.equal(table.indexOf(large), 0);
    t.equal(table.indexOf(0), 0);
  },
);

void t.test(
  "indexes and numbers agree with a plain list, whatever is put in and however it is resized",
  async (t) => {
    const random = seededRandom(8);
    const table = new DynamicTable(65_536);
    let model: { entry: FieldEntry; number: number }[] = [];
    let maxBytes = 65_536;
    const evict = (): void => {
      while (model.reduce((sum, { entry }) => sum + entry.sizeBytes, 0) > maxBytes)
        model = model.slice(0, -1);
    };
    for (let step = 0; step < 3_000; step++) {
      if (random() < 0.01) {
        maxBytes = random() < 0.2 ? 0 : Math.floor(random() * 65_536);
        table.resize(maxBytes);
      } else {
        const added = entry(Math.floor(random() ** 4 * 400));
        model = [{ entry: added, number: table.insert(added) }, ...model];
      }
      evict();
      if (table.count !== model.length) throw new Error(`step ${step}: ${table.count} entries`);
      for (const [at, known] of model.entries())
        if (table.at(at + 1) !== known.entry || table.indexOf(known.number) !== at + 1)
          throw new Error(`step ${step}, index ${at + 1}`);
      if (table.at(0) !== undefined || table.at(model.length + 1) !== undefined)
        throw new Error(`step ${step}`);
    }
    t.pass();
  },
);
