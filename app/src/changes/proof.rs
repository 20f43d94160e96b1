//! Every signature on the page, checked again by the browser that shows it.
//!
//! States: not checked (without JavaScript, and until it runs) → verified, or not verified and why. What the site is, and
//! so which log, is taken from the address bar; nothing that the server says about itself is believed.

use super::shape::{ApprovalRow, ChangeView};
use crate::audit::shape::AuditFilter;
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::field::Exact;
use crate::ui::icon::{Icon, icon};
use crate::ui::place::{Place, here};
use gatehouse_domain::proof::{Claim, NotProved, SignatureBytes, Step, check_signature, check_subject};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// What came of checking one thing; `None` until somebody checked.
type Found = Option<Result<(), NotProved>>;

/// What the browser found on this page: the subject first, then each signature in order.
#[derive(Clone, Copy)]
pub(crate) struct Proofs(ReadSignal<Option<Vec<Result<(), NotProved>>>>);

impl Proofs {
    /// Checks everything on the page, in the browser; on the server nothing is checked.
    pub(crate) fn of(view: &ChangeView) -> Self {
        let (found, set) = signal(None);
        let view = view.clone();
        Effect::new(move |_| {
            if let Some(place) = here() {
                set.set(Some(check_all(&view, &place)));
            }
        });
        Self(found)
    }

    fn get(self, index: usize) -> Found {
        self.0.read().as_ref().and_then(|found| found.get(index).cloned())
    }

    fn of_subject(self) -> Found {
        self.get(0)
    }

    fn of_signature(self, index: usize) -> Found {
        self.get(index.saturating_add(1))
    }
}

/// The subject, then every signature in the order of the page.
pub(crate) fn check_all(view: &ChangeView, place: &Place) -> Vec<Result<(), NotProved>> {
    let fields = view.subject.iter().map(|field| (field.name.as_str(), field.value.as_str()));
    let subject = check_subject(&view.subject_bytes, &view.subject_digest, &view.six_words, fields);
    let signatures = view.approvals.iter().map(|approval| {
        let stands = approval.fell_because.is_none() && approval.decision == "approve";
        let claim = Claim {
            person: &approval.person.id,
            decision: &approval.decision,
            six_words: &approval.six_words,
            // A veto outlives what it was said of, and a fallen one was said of something else.
            subject_digest: stands.then_some(view.subject_digest.as_str()),
            log_origin: &place.log_origin,
            origin: &place.origin,
            rp_id: &place.host,
        };
        check_signature(&claim, &approval.proof)
    });
    std::iter::once(subject).chain(signatures).collect()
}

/// Says loudly, at the top of the page, that something on it is not what it says.
pub(crate) fn alarm(proofs: Proofs) -> impl IntoView {
    move || {
        let failed = proofs.0.read().as_ref().is_some_and(|found| found.iter().any(Result::is_err));
        failed.then(|| {
            view! {
                <aside class="alarm" role="alert">
                    {icon(Icon::Cross)}
                    <div>
                        <p><b>"This page shows something that was not signed."</b></p>
                        <p>"Your browser checked the bytes, and they do not fit what is shown; see below. Sign nothing here, and tell security."</p>
                    </div>
                </aside>
            }
        })
    }
}

/// Whether the fields above are what the digest is of.
pub(crate) fn subject_checked(proofs: Proofs) -> impl IntoView {
    move || match proofs.of_subject() {
        None => {
            view! { <span class="dim">"Not computed by this browser; the canonical bytes are below."</span> }.into_any()
        }
        Some(Ok(())) => {
            view! { {badge("Computed in your browser", Tone::Ok)} " from the canonical bytes, field by field" }
                .into_any()
        }
        Some(Err(not)) => view! { {badge("Not verified", Tone::Bad)} " " {sentence(&not)} }.into_any(),
    }
}

/// What the browser found of one signature, what it checked, and how to do it by hand.
pub(crate) fn signature_checked(approval: &ApprovalRow, index: usize, proofs: Proofs) -> impl IntoView + use<> {
    let state = move || match proofs.of_signature(index) {
        None => badge("Not checked by this browser", Tone::Unknown).into_any(),
        Some(Ok(())) => badge("Verified in your browser", Tone::Ok).into_any(),
        Some(Err(not)) => view! { {badge("Not verified", Tone::Bad)} " " <b>{sentence(&not)}</b> }.into_any(),
    };
    let steps = move || {
        let found = proofs.of_signature(index);
        let failed = match &found {
            Some(Err(not)) => Step::ALL.iter().position(|step| *step == not.step),
            _ => None,
        };
        let lines = Step::ALL.into_iter().enumerate().map(|(i, step)| {
            let (word, tone) = match (&found, failed) {
                (None, _) => ("not checked", Tone::Unknown),
                (Some(_), Some(at)) if i == at => ("does not hold", Tone::Bad),
                (Some(_), Some(at)) if i > at => ("not reached", Tone::Unknown),
                _ => ("holds", Tone::Ok),
            };
            view! { <li>{badge(word, tone)} " " {step.holds()}</li> }
        });
        lines.collect_view()
    };
    let by_hand = by_hand(&approval.proof);
    view! {
        <div class="proof">
            {state}
            <details>
                <summary>"What is checked"</summary>
                <ul class="proof-steps">{steps}</ul>
                {by_hand}
            </details>
        </div>
    }
    .into_any()
}

/// Everything that somebody needs who believes no page, this one included.
fn by_hand(proof: &SignatureBytes) -> impl IntoView + use<> {
    let key = paths::audit(&AuditFilter { about: Some(proof.key.clone()), ..AuditFilter::default() });
    // A public key always has a text; an empty one would verify nothing.
    let public_key = public_key_text(&proof.public_key);
    let parts = [
        ("Subject", proof.subject.clone()),
        ("Act", proof.act.clone()),
        ("Client data", proof.client_data_json.clone()),
        ("Authenticator data", proof.authenticator_data.clone()),
        ("Signature", proof.signature.clone()),
        ("Public key", public_key),
    ];
    let rows = parts.map(|(name, value)| view! { <dt>{name}</dt> <dd><Exact name=name value=value /></dd> });
    view! {
        <p class="hint">
            "By hand: SHA-256 of the subject is in the act; SHA-256 of the act, in base64url, is the challenge in the client data; the signature is over the authenticator data followed by SHA-256 of the client data (both are base64url here). Whose key it is says "
            <a href=key>"its enrolment in the log"</a>
            "."
        </p>
        <dl class="proof-bytes">{rows.into_iter().collect_view()}</dl>
    }
    .into_any()
}

fn public_key_text(key: &gatehouse_domain::webauthn::PublicKey) -> String {
    use gatehouse_domain::webauthn::PublicKey as P;
    let hex = |bytes: &[u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    match key {
        P::Es256 { x, y } => format!("ES256 (P-256) x {} y {}", hex(x), hex(y)),
        P::Ed25519 { x } => format!("EdDSA (Ed25519) {}", hex(x)),
    }
}

fn sentence(not: &NotProved) -> String {
    format!("{}.", crate::ui::text::capital(&crate::ui::text::visible(&not.why)))
}
