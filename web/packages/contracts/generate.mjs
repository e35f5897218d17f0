// Makes the types of all events from contracts/schemas. `--check` only says whether they are current.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const schemas = fileURLToPath(new URL("../../../contracts/schemas/", import.meta.url));
const target = fileURLToPath(new URL("./src/events.ts", import.meta.url));

const files = readdirSync(schemas)
  .filter((file) => file.endsWith(".json"))
  .sort();
const parts = ["// Made from contracts/schemas by `npm run types`; not to be edited."];
const names = [];
for (const file of files) {
  const [service, event, version] = file.replace(/\.json$/, "").split(".");
  const schema = JSON.parse(readFileSync(schemas + file, "utf8"));
  const body = await compile(schema, event, { bannerComment: "", format: true, style: { printWidth: 120 } });
  // A namespace each: two schemas may define helpers of the same name.
  const namespace = `${service}_${event}_${version}`;
  parts.push(`export namespace ${namespace} {\n${body.trim()}\n}`);
  names.push(`  "placet.${service}.${event}.${version}": ${namespace}.${event};`);
}
parts.push(`/** Every shared event by its CloudEvents type. */\nexport interface Events {\n${names.join("\n")}\n}`);
const text = `${parts.join("\n\n")}\n`;
if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    process.stderr.write("packages/contracts/src/events.ts is not current: npm run types\n");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
