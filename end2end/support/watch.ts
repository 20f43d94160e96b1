// A page must not complain: console errors, uncaught exceptions, failed requests and violations of the content security
// policy fail the test that caused them.
import type { Page } from "@playwright/test";

/** What a test does to a page on purpose: it goes offline, or its session ends. The browser itself says these. */
const EXPECTED = [/net::ERR_INTERNET_DISCONNECTED/, /net::ERR_NETWORK_CHANGED/, /status of 401 \(Unauthorized\)/];

/** Collects complaints of `page` from now on, but for those that this test alone expects. */
export function watch(page: Page, who: string, expected: RegExp[] = []): string[] {
  const complaints: string[] = [];
  const complain = (line: string) => {
    if (!expected.some((pattern) => pattern.test(line))) complaints.push(`${who}: ${line}`);
  };
  page.on("console", (message) => {
    const isExpected = EXPECTED.some((pattern) => pattern.test(message.text()));
    if (message.type() === "error" && !isExpected) complain(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => complain(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) => {
    // A navigation abandons what the page before it was still loading.
    const failure = request.failure()?.errorText ?? "";
    if (failure !== "net::ERR_ABORTED" && !EXPECTED.some((pattern) => pattern.test(failure))) {
      complain(`${request.method()} ${request.url()}: ${failure}`);
    }
  });
  return complaints;
}
