// node render.mjs NODE_MODULES RUN.ndjson OUT.html: the official HTML formatter on a stream of ours.
import fs from "node:fs";
import { createRequire } from "node:module";
import { pipeline } from "node:stream/promises";

const [modules, stream, output] = process.argv.slice(2);
const load = createRequire(`${modules}/here.js`);
const formatter = load("@cucumber/html-formatter");
const { NdjsonToMessageStream } = load("@cucumber/message-streams");
const CucumberHtmlStream = formatter.CucumberHtmlStream ?? formatter.default ?? formatter;

await pipeline(
  fs.createReadStream(stream),
  new NdjsonToMessageStream(),
  new CucumberHtmlStream(),
  fs.createWriteStream(output),
);
