// A security key without hardware: Chromium's virtual authenticator, one for each person's browser.
import { createPrivateKey, createPublicKey } from "node:crypto";
import type { CDPSession, Page } from "@playwright/test";

/** The authenticator of one page. */
export interface Key {
  /** How many touches its credentials have given. */
  touches(): Promise<number>;
  /** The public half of a credential (base64url id), as hex of its SubjectPublicKeyInfo. */
  publicKey(id: string): Promise<string>;
  /** What is in it, for another browser of the same person. */
  kept(): Promise<Credential[]>;
  /** Plugs in what was in it before. */
  plug(kept: Credential[]): Promise<void>;
}

/** A credential as Chromium's virtual authenticator gives it out and takes it back. */
export interface Credential {
  credentialId: string;
  isResidentCredential: boolean;
  rpId?: string;
  privateKey: string;
  userHandle?: string;
  signCount: number;
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
  const credentials = async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials;
  return {
    kept: credentials,
    async plug(kept) {
      for (const credential of kept) await cdp.send("WebAuthn.addCredential", { authenticatorId, credential });
    },
    async touches() {
      return (await credentials()).reduce((sum, credential) => sum + credential.signCount, 0);
    },
    async publicKey(id) {
      const wanted = Buffer.from(id, "base64url");
      const found = (await credentials()).find((one) => wanted.equals(Buffer.from(one.credentialId, "base64")));
      if (found === undefined) throw new Error(`the authenticator has no credential ${id}`);
      const secret = createPrivateKey({ key: Buffer.from(found.privateKey, "base64"), format: "der", type: "pkcs8" });
      return createPublicKey(secret).export({ format: "der", type: "spki" }).toString("hex");
    },
  };
}
