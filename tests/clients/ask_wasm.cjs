// Asks a published file queries in DuckDB-Wasm, as a page in a browser would, and prints the answers as tables of
// Markdown: node ask_wasm.cjs PACKAGES FILE <QUERIES. PACKAGES is the folder of node_modules; QUERIES is JSON.
"use strict";

const fs = require("fs");
const path = require("path");

const [packages, file] = process.argv.slice(2);
const find = (name) => path.join(packages, name);
const duckdb = require(find("@duckdb/duckdb-wasm/dist/duckdb-node-blocking.cjs"));
const { DataType } = require(find("apache-arrow"));

const two = (number) => String(number).padStart(2, "0");

/** A value as `show_rows.py` shows it. */
function show(value, type) {
  if (value === null) return "NULL";
  if (DataType.isBool(type)) return value ? "yes" : "no";
  if (DataType.isDate(type) || DataType.isTimestamp(type)) {
    const time = new Date(Number(value));
    const day = time.toISOString().slice(0, 10);
    if (DataType.isDate(type)) return day;
    return `${day} ${two(time.getUTCHours())}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())}`;
  }
  return String(value).replaceAll("|", "\\|");
}

function table(result) {
  const { fields } = result.schema;
  const rows = Array.from({ length: result.numRows }, (_, row) =>
    fields.map((field, column) => show(result.getChildAt(column).get(row), field.type)));
  const line = (cells) => `| ${cells.join(" | ")} |`;
  return [line(fields.map((field) => field.name)), `|${"---|".repeat(fields.length)}`, ...rows.map(line)].join("\n");
}

async function main() {
  const bundle = { mainModule: find("@duckdb/duckdb-wasm/dist/duckdb-eh.wasm"), mainWorker: "" };
  const database = await duckdb.createDuckDB({ mvp: bundle, eh: bundle }, new duckdb.VoidLogger(), duckdb.NODE_RUNTIME);
  await database.instantiate();
  // A browser has the file from a server or from its reader; it is a buffer there too.
  database.registerFileBuffer("published.duckdb", new Uint8Array(fs.readFileSync(file)));
  database.open({ path: "published.duckdb", accessMode: duckdb.DuckDBAccessMode.READ_ONLY });
  const connection = database.connect();
  // All sums of the file's counts fit into a double: Arrow has no HUGEINT.
  const answers = JSON.parse(fs.readFileSync(0, "utf-8")).map((query) => {
    try {
      return table(connection.query(query));
    } catch (error) {
      return String(error.message ?? error).split("\n")[0];
    }
  });
  process.stdout.write(JSON.stringify(answers));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
