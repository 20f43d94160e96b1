#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
use p256::ecdsa::SigningKey;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const ORIGIN: &str = "https://gatehouse.example";
const RP_ID: &str = "gatehouse.example";
const CHALLENGE: [u8; 32] = [0xc7; 32];
const ID: [u8; 32] = [9; 32];
const UP: u8 = 1;
const UV: u8 = 1 << 2;
const BE: u8 = 1 << 3;
const BS: u8 = 1 << 4;
const AT: u8 = 1 << 6;
const ED: u8 = 1 << 7;
/// `{"credProtect": 2}`, which browsers add by themselves.
const CRED_PROTECT: &[u8] = b"\xa1\x6bcredProtect\x02";

/// A registration to be made, with every part open to the attacker.
#[derive(Clone)]
struct Making {
    client: Value,
    rp_id: &'static str,
    flags: u8,
    id: Vec<u8>,
    id_length: Option<u16>,
    cose: Vec<u8>,
    rest: Vec<u8>,
    cut: usize,
    /// The id that the browser gives.
    given: Vec<u8>,
}

fn cose() -> Vec<u8> {
    let point = SigningKey::from_slice(&[0x42; 32]).unwrap().verifying_key().to_sec1_point(false);
    let (x, y) = point.as_bytes().get(1..).unwrap().split_at(32);
    [BEFORE_X, x, BEFORE_Y, y].concat()
}

fn honest() -> Making {
    Making {
        client: json!({"type": "webauthn.create", "challenge": B64.encode(CHALLENGE), "origin": ORIGIN}),
        rp_id: RP_ID,
        flags: UP | UV | AT,
        id: ID.to_vec(),
        id_length: None,
        cose: cose(),
        rest: vec![],
        cut: 0,
        given: ID.to_vec(),
    }
}

impl Making {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn of_id(self, length: usize) -> Self {
        self.with(|m| (m.id, m.given) = (vec![7; length], vec![7; length]))
    }

    fn authenticator_data(&self) -> Vec<u8> {
        let length = self.id_length.unwrap_or(u16::try_from(self.id.len()).unwrap()).to_be_bytes();
        let fixed = [&Sha256::digest(self.rp_id)[..], &[self.flags], &5_u32.to_be_bytes()].concat();
        let mut all = [&fixed[..], &[0xaa; 16], &length, &self.id, &self.cose, &self.rest].concat();
        all.truncate(all.len() - self.cut);
        all
    }

    fn verify(&self) -> Result<StoredCredential, RegistrationError> {
        let expect =
            RegistrationExpectation { challenge: &CHALLENGE, origin: ORIGIN, rp_id: RP_ID, credential_id: &self.given };
        let authenticator_data = self.authenticator_data();
        verify_registration(&expect, self.client.to_string().as_bytes(), &authenticator_data)
            .map(|registered| registered.credential)
    }
}

#[test]
fn an_honest_registration_gives_the_key_its_model_and_what_the_browser_added() {
    let made = honest().with(|m| (m.flags, m.rest) = (UP | UV | AT | ED, CRED_PROTECT.to_vec()));
    let authenticator_data = made.authenticator_data();
    let expect = RegistrationExpectation { challenge: &CHALLENGE, origin: ORIGIN, rp_id: RP_ID, credential_id: &ID };
    let registered = verify_registration(&expect, made.client.to_string().as_bytes(), &authenticator_data).unwrap();
    assert_eq!((registered.aaguid, registered.extensions), ([0xaa; 16], Some(CRED_PROTECT)));
    let StoredCredential { id, counter, backup_eligible, public_key } = registered.credential;
    assert_eq!((id.as_slice(), counter, backup_eligible), (&ID[..], 5, false));
    assert!(public_key.is_point());
    for length in [16, 1023] {
        assert!(honest().of_id(length).verify().is_ok(), "{length}");
    }
}

#[test]
fn each_step_refuses_what_it_is_for() {
    use AssertionError as S;
    use RegistrationError as E;
    let h = honest;
    let client = |member: &str, value: Value| {
        h().with(|m| drop(m.client.as_object_mut().unwrap().insert(member.to_owned(), value)))
    };
    // The same key as EdDSA would have it, with another algorithm, and off the curve.
    let okp = [&[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 0x20][..], &[9; 32]].concat();
    let es384 = cose().into_iter().map(|byte| if byte == 0x26 { 0x38 } else { byte }).collect();
    let off_curve = [BEFORE_X, &[1; 32], BEFORE_Y, &[1; 32]].concat();
    for (case, making, error) in [
        ("7 an assertion", client("type", json!("webauthn.get")), E::Step(S::Type)),
        ("8 another challenge", client("challenge", json!("AAAA")), E::Step(S::Challenge)),
        ("9 another port", client("origin", json!("https://gatehouse.example:8443")), E::Step(S::Origin)),
        ("10 framed", client("crossOrigin", json!(true)), E::Step(S::CrossOrigin)),
        ("11 under another page", client("topOrigin", json!(ORIGIN)), E::Step(S::TopOrigin)),
        ("13 no new key", h().with(|m| m.flags ^= AT), E::AttestedData),
        ("13 nothing after the flags", h().with(|m| m.cut = m.authenticator_data().len() - 37), E::AttestedData),
        ("13 no end of the model", h().with(|m| m.cut = m.authenticator_data().len() - 52), E::AttestedData),
        ("13 no end of the length", h().with(|m| m.cut = m.authenticator_data().len() - 54), E::AttestedData),
        ("13 an id longer than there is", h().with(|m| m.id_length = Some(1000)), E::AttestedData),
        ("13 bytes that nothing announces", h().with(|m| m.rest = vec![0]), E::AttestedData),
        ("13 extensions announced, none there", h().with(|m| m.flags |= ED), E::AttestedData),
        ("14 a parent domain", h().with(|m| m.rp_id = "example"), E::Step(S::RpIdHash)),
        ("15 no touch", h().with(|m| m.flags ^= UP), E::Step(S::UserPresent)),
        ("16 no user verification", h().with(|m| m.flags ^= UV), E::Step(S::UserVerified)),
        ("17 backed up, not eligible", h().with(|m| m.flags |= BS), E::Step(S::BackupState)),
        ("18 a synced key", h().with(|m| m.flags |= BE | BS), E::Step(S::BackupEligible)),
        ("20 EdDSA", h().with(|m| m.cose = okp), E::Algorithm),
        ("20 another algorithm's number", h().with(|m| m.cose = es384), E::Algorithm),
        ("20 no point", h().with(|m| m.cose = off_curve), E::Algorithm),
        ("20 half a key", h().with(|m| m.cut = 1), E::Algorithm),
        ("25 15 bytes", h().of_id(15), E::CredentialId),
        ("25 1,024 bytes", h().of_id(1024), E::CredentialId),
        ("25 another id than the browser says", h().with(|m| m.given = vec![8; 32]), E::CredentialId),
    ] {
        assert_eq!(making.verify(), Err(error), "{case}");
    }
}
