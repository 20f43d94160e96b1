// What a stranger needs to check an approval: kept as it was made, for end2end/verify/approval.py.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Request } from "@playwright/test";
import type { Person } from "./test";

/** Keeps the approval that these requests made; the public key comes from the authenticator, not from the portal. */
export async function keepProof(person: Person, sent: Request[], file: string): Promise<void> {
  const begun = await bodyOf(named(sent, "begin_decision"));
  const assertion = JSON.parse(named(sent, "finish_decision").postDataJSON().assertion);
  const proof = {
    origin: new URL(person.page.url()).origin,
    rp_id: JSON.parse(begun.options).publicKey.rpId,
    act: begun.act,
    credential_id: assertion.rawId,
    public_key: await person.key.publicKey(assertion.rawId),
    assertion,
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(proof, null, 2));
}

function named(sent: Request[], verb: string): Request {
  const found = sent.find((one) => new URL(one.url()).pathname.endsWith(`/${verb}`));
  if (found === undefined) throw new Error(`the page never called ${verb}`);
  return found;
}

async function bodyOf(request: Request): Promise<{ options: string; act: string }> {
  const response = await request.response();
  if (response === null) throw new Error(`${request.url()} was never answered`);
  return response.json();
}
