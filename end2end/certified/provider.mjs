// A certified OpenID provider (panva's oidc-provider) with AltScore's people, so that the twin's own is not the only one
// that the portal was ever tried with. Its login and consent pages are its own; any password will do.
//
//   PORT         where to listen on loopback
//   PORTAL_URL   where the portal is: its callback is the client's only one
//   SECRET_FILE  the client's secret
//   CONTROL_URL  the twin's control port, which knows the people
//
// POST /people/SUB/groups with a JSON list changes somebody's groups: the next token says so.
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const { PORT, PORTAL_URL, SECRET_FILE, CONTROL_URL } = process.env;
const issuer = `http://127.0.0.1:${PORT}`;

const { people } = await (await fetch(`${CONTROL_URL}/state`)).json();
const known = new Map(people.map((person) => [person.sub, person]));

function claimsOf(person) {
  const { sub, name, email, employee, groups, login } = person;
  return { sub, name, email, email_verified: true, employee_id: employee ?? undefined, groups, preferred_username: login ?? sub };
}

// A fresh key for each run, so that no test can come to rely on one.
const signing = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
const kid = createHash("sha256").update(signing.n).digest("base64url").slice(0, 12);

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "gatehouse",
      client_secret: readFileSync(SECRET_FILE, "utf8").trim(),
      redirect_uris: [new URL("/auth/callback", PORTAL_URL).href],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    },
  ],
  findAccount: (_ctx, sub) => {
    const person = known.get(sub);
    return person && { accountId: sub, claims: () => claimsOf(known.get(sub)) };
  },
  claims: {
    openid: ["sub"],
    profile: ["name", "preferred_username", "employee_id", "groups"],
    email: ["email", "email_verified"],
  },
  // Without this the ID token of the code flow holds `sub` alone and the rest is at user info, which we do not ask.
  conformIdTokenClaims: false,
  // By the letter, `offline_access` counts only together with `prompt=consent`. Providers differ, and we do not want to
  // ask people for consent at every sign-in: this one gives a refresh token to a client that may use one.
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
  jwks: { keys: [{ ...signing, kid, use: "sig", alg: "RS256" }] },
  cookies: { keys: [randomBytes(32).toString("base64url")] },
  ttl: { AccessToken: 300, IdToken: 300, RefreshToken: 86_400, Grant: 86_400, Interaction: 600, Session: 3_600 },
});

// What it refuses, and why, is in its log.
for (const event of ["authorization.error", "grant.error", "server_error"]) {
  provider.on(event, (_ctx, error) => console.log(event, error.error ?? error.message, error.error_description ?? ""));
}
for (const event of ["authorization_code.saved", "refresh_token.saved", "grant.success"]) {
  provider.on(event, (ctx) => console.log(event, ctx?.oidc?.params?.grant_type ?? ""));
}

const answer = provider.callback();
createServer((request, response) => {
  const groups = /^\/people\/([^/]+)\/groups$/.exec(request.url ?? "");
  if (groups === null || request.method !== "POST") return answer(request, response);
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    const person = known.get(groups[1]);
    if (person === undefined) return response.writeHead(404).end();
    person.groups = JSON.parse(body);
    response.writeHead(204).end();
  });
}).listen(Number(PORT), "127.0.0.1", () => console.log(`listening at ${issuer}`));
