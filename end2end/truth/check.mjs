// Holds what the twin said, as TWIN_RECORD wrote it down, against what GitHub documents: node check.mjs DIR
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { routeOf, wrongAnswer, wrongWebhook } from "./github.mjs";

const [dir] = process.argv.slice(2);
const files = readdirSync(dir).filter((name) => name.endsWith(".jsonl"));
// The same words twice prove nothing more.
const said = new Set(files.flatMap((name) => readFileSync(join(dir, name), "utf8").split("\n").filter(Boolean)));
const lies = new Map();
const routes = new Set();
let [answers, webhooks] = [0, 0];
for (const line of said) {
  const it = JSON.parse(line);
  const [what, wrong] =
    it.event === undefined
      ? [`${it.method} ${routeOf(it.path) ?? it.path} ${it.status}`, wrongAnswer(it)]
      : [`webhook ${it.event}`, wrongWebhook(it)];
  if (it.event === undefined) {
    answers += 1;
    if (it.status < 300) routes.add(`${it.method} ${routeOf(it.path)}`);
  } else {
    webhooks += 1;
  }
  for (const one of wrong) lies.set(`${what}: ${one.replace(/\/\d+\//g, "/*/")}`, it.path ?? it.event);
}
for (const [lie, where] of lies) console.error(`${lie}   (${where})`);
console.log(`${answers} different answers of ${routes.size} routes and ${webhooks} webhooks were held against GitHub's documents`);
// A recording that is not there, or holds half a story, would prove nothing.
const [leastRoutes, leastWebhooks] = [25, 2];
if (routes.size < leastRoutes || webhooks < leastWebhooks) {
  console.error(`expected at least ${leastRoutes} routes and ${leastWebhooks} webhooks: is TWIN_RECORD set?`);
  process.exitCode = 1;
}
if (lies.size > 0) process.exitCode = 1;
