"""A second opinion on an approval that the browser tests really made, by a verifier that shares nothing with ours.

Reads what end2end/support/proof.ts kept: the act as it was shown, the assertion as the browser sent it, and the public
key as the authenticator holds it. Fido2Server of the package fido2 must accept it with SHA-256 of the act's bytes as the
challenge, and must refuse it with any single bit of act, client data, authenticator data, signature or key flipped.
"""

import json
import sys
from hashlib import sha256

from cryptography.hazmat.primitives.serialization import load_der_public_key
from fido2.cose import ES256
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestedCredentialData, PublicKeyCredentialRpEntity

MEMBERS = ["clientDataJSON", "authenticatorData", "signature"]


def verify(proof: dict, act: bytes, assertion: dict, key: bytes) -> None:
    """Raises when it does not hold."""
    public_key = ES256.from_cryptography_key(load_der_public_key(key))
    credential = AttestedCredentialData.create(bytes(16), websafe_decode(proof["credential_id"]), public_key)
    relying_party = PublicKeyCredentialRpEntity(id=proof["rp_id"], name="Gatehouse")
    server = Fido2Server(relying_party, verify_origin=lambda origin: origin == proof["origin"])
    state = {"challenge": websafe_encode(sha256(act).digest()), "user_verification": "required"}
    server.authenticate_complete(state, [credential], assertion)


def flips(data: bytes):
    """Every copy of `data` with one bit flipped."""
    for bit in range(len(data) * 8):
        bent = bytearray(data)
        bent[bit // 8] ^= 1 << bit % 8
        yield bytes(bent)


def bent_proofs(proof: dict, act: bytes, key: bytes):
    """Every single-bit change: (what was changed, arguments of `verify`)."""
    assertion = proof["assertion"]
    for bent in flips(act):
        yield "act", (proof, bent, assertion, key)
    # The last 64 bytes are the point; what stands before them names the curve.
    for bent in flips(key[-64:]):
        yield "public key", (proof, act, assertion, key[:-64] + bent)
    for member in MEMBERS:
        for bent in flips(websafe_decode(assertion["response"][member])):
            response = assertion["response"] | {member: websafe_encode(bent)}
            yield member, (proof, act, assertion | {"response": response}, key)


def main(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        proof = json.load(file)
    act, key = proof["act"].encode(), bytes.fromhex(proof["public_key"])
    said = json.loads(act)
    # Only text in it, so Python's own writer gives the canonical bytes (RFC 8785).
    if json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() != act:
        sys.exit("the act is not in its canonical form")
    if said["decision"] != "approve":
        sys.exit(f"the act is no approval but: {said['decision']}")
    verify(proof, act, proof["assertion"], key)

    tried = dict.fromkeys(["act", "public key", *MEMBERS], 0)
    for what, arguments in bent_proofs(proof, act, key):
        try:
            verify(*arguments)
        except Exception:  # noqa: BLE001 - refused is refused, however; that the honest one passes was seen above
            tried[what] += 1
        else:
            sys.exit(f"it still verifies with a bit of the {what} flipped")
    if not all(tried.values()):
        sys.exit(f"something was empty: {tried}")
    counts = ", ".join(f"{count} of the {what}" for what, count in tried.items())
    print(f"fido2 verifies the approval of {said['person']}: the challenge is SHA-256 of the act's {len(act)} bytes")
    print(f"and refuses it with any one bit flipped: {counts}")


if __name__ == "__main__":
    main(sys.argv[1])
