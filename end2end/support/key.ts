// A security key without hardware: Chromium's virtual authenticator, one for each person's browser.
import type { CDPSession, Page } from "@playwright/test";

/** The authenticator of one page. */
export interface Key {
  /** How many touches its credentials have given. */
  touches(): Promise<number>;
}

/** Plugs a key with user verification into `page`; whoever asks for a touch gets one at once. */
export async function addVirtualAuthenticator(page: Page): Promise<Key> {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "usb",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async touches() {
      const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
      return credentials.reduce((sum, credential) => sum + credential.signCount, 0);
    },
  };
}
