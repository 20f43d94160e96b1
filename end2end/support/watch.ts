// A page must not complain: console errors, uncaught exceptions, failed requests and violations of the content security
// policy fail the test that caused them.
import type { Page } from "@playwright/test";

/** Collects complaints of `page` from now on. */
export function watch(page: Page, who: string): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(`${who}: console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complaints.push(`${who}: uncaught: ${error.message}`));
  page.on("requestfailed", (request) => {
    // A navigation abandons what the page before it was still loading.
    if (request.failure()?.errorText !== "net::ERR_ABORTED") {
      complaints.push(`${who}: ${request.method()} ${request.url()}: ${request.failure()?.errorText}`);
    }
  });
  return complaints;
}
