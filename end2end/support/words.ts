// What a page says, so that two readings of it can be held against each other.
import type { Page } from "@playwright/test";

/** The page's words, without those that time, a request's id or a script change. */
export async function words(page: Page): Promise<string> {
  return page.locator("main").evaluate((main) => {
    const copy = main.cloneNode(true) as HTMLElement;
    for (const other of copy.querySelectorAll("time, noscript, .proof, .subject-checked, .problem-id, .copied, .live")) other.remove();
    // Marks between two texts are the server's alone, and nobody sees them.
    return copy.innerHTML.replace(/<!--.*?-->/gs, "").replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim();
  });
}
