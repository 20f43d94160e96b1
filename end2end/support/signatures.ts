// The browser checks every signature that a page shows; one byte that is bent on its way is said loudly.
import { expect, type Page } from "@playwright/test";
import { alive, hears } from "./test";

/** The part of a change that is bent. */
interface Sent {
  subject: { name: string; value: string }[];
  approvals: { person: { id: string }; decision: string; proof: Record<string, string> }[];
}

/** Whoever opens the change sees its signatures verified, and everything that is bent named. */
export async function proves(page: Page, change: string, signer: string): Promise<void> {
  const signature = page.getByRole("region", { name: "Signatures", exact: true }).getByRole("listitem").filter({ hasText: signer }).first();
  const isProved = async () => {
    await expect(signature).toContainText("Verified in your browser");
    await expect(page.getByRole("region", { name: "What is signed" })).toContainText("Computed in your browser");
    await expect(page.getByRole("alert")).toHaveCount(0);
  };
  await page.goto(`/changes/${change}`);
  await alive(page);
  await isProved();
  await signature.getByText("What is checked").click();
  const steps = signature.locator(".proof-steps li");
  await expect(steps).toHaveCount(6);
  for (const step of await steps.all()) await expect(step).toContainText("holds");

  const bends: [what: string, bend: (sent: Sent) => void, says: RegExp][] = [
    ["the signature", (sent) => flip(proof(sent), "signature"), /signature/],
    ["the act", (sent) => flip(proof(sent), "act"), /act|something else/],
    ["what the key said", (sent) => flip(proof(sent), "authenticator_data"), /./],
    ["what the browser said", (sent) => flip(proof(sent), "client_data_json"), /./],
    ["who signed", (sent) => { last(sent).person.id = "E-9999"; }, /another person/],
    ["which way", (sent) => { last(sent).decision = "reject"; }, /another decision/],
    ["a field of the subject", (sent) => flip(sent.subject[2] ?? {}, "value"), /another “image digest”/],
  ];
  for (const [what, bend, says] of bends) {
    await bent(page, change, bend);
    await expect(page.getByRole("alert"), what).toContainText("This page shows something that was not signed");
    await expect(page.getByText("Not verified", { exact: true }).first(), what).toBeVisible();
    await expect(page.getByRole("main"), what).toContainText(says);
  }
  await bent(page, change, () => {});
  await isProved();
  await page.unrouteAll({ behavior: "wait" });
}

function last(sent: Sent) {
  const found = sent.approvals.at(-1);
  if (found === undefined) throw new Error("no signature was sent");
  return found;
}

function proof(sent: Sent): Record<string, string> {
  return last(sent).proof;
}

/** Another character in the middle, of the same kind. */
function flip(of: object, name: string): void {
  const fields = of as Record<string, string>;
  const text = fields[name] ?? "";
  const middle = Math.floor(text.length / 2);
  fields[name] = `${text.slice(0, middle)}${text[middle] === "a" ? "b" : "a"}${text.slice(middle + 1)}`;
}

/** Opens the change by way of the list, with an answer of the server that is bent on its way. */
async function bent(page: Page, change: string, bend: (sent: Sent) => void): Promise<void> {
  await page.unrouteAll({ behavior: "wait" });
  await page.goto("/changes");
  await alive(page);
  await hears(page);
  await page.route(/\/api\/ui\/change\?/, async (route) => {
    const answer = await route.fetch();
    const sent = (await answer.json()) as Sent;
    bend(sent);
    await route.fulfill({ response: answer, json: sent });
  });
  await page.getByRole("row").filter({ hasText: change }).getByRole("link").first().click();
  await expect(page.getByRole("region", { name: "Signatures", exact: true })).toBeVisible();
}
