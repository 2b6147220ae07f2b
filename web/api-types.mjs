// Writes src/api/openapi.ts from the API's own document: the bodies of requests and answers as types, and which route answers with which.
// Refusals are left out: they are the same everywhere (src/api/http.ts). `node api-types.mjs DOCUMENT [OUT]`.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const [from, to = "src/api/openapi.ts"] = process.argv.slice(2);
if (from === undefined) throw new Error("usage: node api-types.mjs DOCUMENT [OUT]");
const document = JSON.parse(await readFile(from, "utf8"));

const bodies = Object.fromEntries(
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, route]) => {
      const found = Object.entries(route.responses ?? {}).find(([status, answer]) => status.startsWith("2") && answer.content?.["application/json"] !== undefined);
      return found === undefined ? [] : [[`${method.toUpperCase()} ${path.replace(/^\/api\/v1/, "")}`, found[1].content["application/json"].schema]];
    }),
  ),
);
const answers = { type: "object", required: Object.keys(bodies), properties: bodies };
const reduced = { openapi: document.openapi, info: document.info, paths: {}, components: { schemas: { ...document.components.schemas, Answers: answers } } };

const tree = await openapiTS(reduced, { immutable: true });
const head = "// Generated from the API's document (npm run api-types); not to be edited. Checked for drift by `make check`.\n";
const types = astToString(tree)
  .replace(/\/\*\*[\s\S]*?\*\/\s*/g, "") // what a field means stands in the document
  .replace(/^( {4})+/gm, (indent) => indent.slice(indent.length / 2));
await writeFile(to, head + types);
