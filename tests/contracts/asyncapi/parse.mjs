// Reads the AsyncAPI documents named on the command line; prints each finding that is more than a hint; exits 1 on any.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// The packages lie beside the folder of the repository, in a cache: NODE_MODULES says where.
const require = createRequire(pathToFileURL(`${process.env.NODE_MODULES}/`));
const { Parser, DiagnosticSeverity } = require("@asyncapi/parser");

const parser = new Parser();
let failed = false;
for (const file of process.argv.slice(2)) {
  const { document, diagnostics } = await parser.parse(await readFile(file, "utf8"));
  for (const { severity, path, message } of diagnostics) {
    if (severity > DiagnosticSeverity.Warning) continue;
    console.error(`${file}: ${path.join(".")}: ${message}`);
    failed = true;
  }
  if (document) console.log(`${file}: ${document.version()} ${document.allMessages().length} messages`);
  else failed = true;
}
process.exit(failed ? 1 : 0);
