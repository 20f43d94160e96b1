// What axe finds on a page by WCAG 2.2 A and AA, in both themes.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { alive } from "./test";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

/** Every violation of the page at this path, or of the one that is open, as lines to read. */
export async function violations(page: Page, path: string): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.goto(path);
    if (!path.startsWith("/api/")) await alive(page);
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
    // Over the protocol, as a debugger does it: the page's own policy lets no script in, and stays as it is.
    await page.evaluate(axe);
    const broken = await page.evaluate(async () => {
      const run = (globalThis as unknown as { axe: { run(o: object): Promise<{ violations: Violation[] }> } }).axe.run;
      return (await run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })).violations;
    });
    for (const { id, nodes } of broken) {
      for (const node of nodes) found.push(`${path} ${colorScheme} ${id}: ${node.html} ${node.failureSummary}`);
    }
  }
  await page.emulateMedia({ colorScheme: null });
  return found;
}
