// The stack of these specs has another identity provider, so they do not run with the others.
import base from "../playwright.config";

export default { ...base, testDir: "." };
