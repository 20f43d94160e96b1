// What GitHub says about itself: its OpenAPI description and the schemas of its webhooks, ready to check something with.
import { createRequire } from "node:module";
import Ajv from "ajv";
import addFormats from "ajv-formats";

const require = createRequire(import.meta.url);
const described = require("@octokit/openapi/generated/api.github.com.json");
const webhooks = require("@octokit/webhooks-schemas/schema.json");

/** Routes that the description leaves out, and the described ones that answer the same. */
const SAME_AS = { "/repositories/{repository_id}": "/repos/{owner}/{repo}" };

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
// GitHub's own bots have brackets in their addresses, and a commit's address is whatever its author wrote.
ajv.addFormat("email", true);
ajv.addSchema({ $id: "api", components: plain(described.components) });
ajv.addSchema({ ...webhooks, $id: "webhooks" });

/** OpenAPI 3.0 as JSON Schema: `nullable` becomes a type, references lead to the one document. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const { nullable, example, examples, discriminator, ...rest } = value;
  const made = Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, plain(inner)]));
  if (typeof made.$ref === "string") made.$ref = made.$ref.replace(/^#\//, "api#/");
  // A property may be called `nullable` or `example`; a keyword is never an object.
  if (nullable !== undefined && typeof nullable === "object") made.nullable = plain(nullable);
  if (example !== undefined && typeof example === "object" && example?.type) made.example = plain(example);
  return nullable === true ? { anyOf: [made, { type: "null" }] } : made;
}

const compiled = new Map();

function validator(key, schema) {
  if (!compiled.has(key)) compiled.set(key, ajv.compile(schema()));
  return compiled.get(key);
}

function wrong(validate, value) {
  if (validate(value)) return [];
  return validate.errors.map((it) => `${it.instancePath || "/"} ${it.message} ${JSON.stringify(it.params)}`);
}

const routes = [...Object.keys(described.paths), ...Object.keys(SAME_AS)].map((template) => {
  // A path or a ref may hold slashes; they are always last.
  const any = template.replace(/\{(path|ref|basehead)\}$/, "(.+)").replace(/\{[^}]+\}/g, "([^/]+)");
  return { template, pattern: new RegExp(`^${any}/?$`), names: (template.match(/\{/g) ?? []).length };
});

/** The described route of a path: the one with the fewest parameters, and of those the one that says most. */
export function routeOf(path) {
  const found = routes.filter((route) => route.pattern.test(path)).sort((a, b) => a.names - b.names || b.template.length - a.template.length);
  return found[0]?.template;
}

const resolved = (part) => (part?.$ref ? part.$ref.slice(2).split("/").reduce((at, key) => at[key], described) : part);

/** What is wrong with an answer, by the description of its route; `[]` when nothing is. */
export function wrongAnswer({ method, path, status, body, asked }) {
  const route = routeOf(path);
  const operation = described.paths[SAME_AS[route] ?? route]?.[method.toLowerCase()];
  if (operation === undefined) return [`GitHub describes no ${method} ${path}`];
  const found = [];
  const request = operation.requestBody?.content?.["application/json"]?.schema;
  if (method !== "GET" && request !== undefined && asked != null && status < 400) {
    const validate = validator(`${method} ${route} asked`, () => plain(request));
    found.push(...wrong(validate, asked).map((it) => `request: ${it}`));
  }
  if (status === 304) return found;
  const answer = resolved(operation.responses[status]);
  if (answer === undefined) {
    // Errors that a route does not list look like every other.
    if (status < 400) return [...found, `GitHub describes no ${status} for ${method} ${route}`];
    const validate = validator("error", () => ({ $ref: "api#/components/schemas/basic-error" }));
    const sentence = typeof body?.message === "string" && typeof body?.documentation_url === "string";
    return [...found, ...wrong(validate, body), ...(sentence ? [] : ["an error without a sentence"])];
  }
  const schema = answer.content?.["application/json"]?.schema;
  if (schema === undefined) return body === null ? found : [...found, "a body where GitHub gives none"];
  return [...found, ...wrong(validator(`${method} ${route} ${status}`, () => plain(schema)), body)];
}

/** What is wrong with a webhook, by both descriptions of its event. */
export function wrongWebhook({ event, body }) {
  const name = `${event}_event`;
  if (webhooks.definitions[name] === undefined) return [`there is no event ${event}`];
  const strict = wrong(validator(name, () => ({ $ref: `webhooks#/definitions/${name}` })), body);
  const kind = `${event}-${body.action}`.replaceAll("_", "-");
  const post = described["x-webhooks"][kind]?.post;
  if (post === undefined) return [...strict, `GitHub describes no webhook ${kind}`];
  const schema = post.requestBody.content["application/json"].schema;
  return [...strict, ...wrong(validator(kind, () => plain(schema)), body)];
}
