//! The emergency lane on a change's page: what burns, what is attached, what is owed.

use super::act::{Words, carry_out};
use super::shape::{AttachedView, DebtView, EmergencyView, LaneWish};
use crate::paths;
use crate::ui::badge::badge;
use crate::ui::button::{Act, Weight};
use crate::ui::live::Live;
use crate::ui::problem::reasons;
use crate::ui::section::Section;
use crate::ui::text::foreign;
use crate::ui::time::{ago, moment, relative};
use chrono::{DateTime, Utc};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;

/// The panel. `number` and `subject` are the change as the page shows it; `words` outlives it; `after` reads it again.
pub(crate) fn emergency(
    view: &EmergencyView,
    number: &str,
    subject: &str,
    as_of: DateTime<Utc>,
    words: Words,
    after: Callback<()>,
) -> impl IntoView + use<> {
    let Words { why, progress } = words;
    let busy = Signal::derive(move || progress.read().is_busy());
    let change = (number.to_owned(), subject.to_owned());
    let act = Callback::new(move |incident: String| {
        let (number, subject_digest) = change.clone();
        let said = why.get_untracked().trim().to_owned();
        carry_out(LaneWish::Attach { number, subject_digest, incident, why: said }, progress, move |is_done| {
            if is_done {
                why.set(String::new());
                after.run(());
            }
        });
    });
    let may_any = view.live.iter().any(|(_, _, may)| may.is_allowed());
    let rows = view.live.iter().map(|(id, title, may)| {
        let (incident, refused) = (id.clone(), may.reasons.clone());
        let on_act = Callback::new(move |()| act.run(incident.clone()));
        view! {
            <li class="stop">
                <div class="signature-head">{badge("P1 · Live", Tone::Bad)} <a href=paths::incident(id)>{foreign(title)}</a></div>
                <Act label="Attach this P1" weight=Weight::Danger refused busy on_act />
            </li>
        }
    });
    let rows = rows.collect_view();
    let field = may_any.then(|| {
        view! {
            <div class="field">
                <label for="emergency-why">"Why it cannot wait for its proof"</label>
                <input id="emergency-why" type="text" maxlength="500" prop:value=move || why.get() on:input:target=move |event| why.set(event.target().value()) />
                <span class="hint">"It is signed with this change and the incident. Everybody who must sign still must; the proof in staging is owed within 24 hours."</span>
            </div>
        }
    });
    let (attached, debt) = (view.attached.as_ref().map(attached), view.debt.as_ref().map(|debt| owed(debt, as_of)));
    view! {
        <Section title="Emergency" id="emergency">
            {attached} {debt}
            <ul class="stops">{rows}</ul>
            {field}
            <Live progress />
        </Section>
    }
    .into_any()
}

fn attached(view: &AttachedView) -> impl IntoView + use<> {
    let (word, tone) =
        if view.against.is_empty() { ("P1 attached", Tone::Bad) } else { ("Opens nothing", Tone::Unknown) };
    let why = (!view.against.is_empty()).then(|| reasons(&view.against));
    view! {
        <p class="row-note">
            {badge(word, tone)} " " <a href=paths::incident(&view.incident)>{foreign(&view.title)}</a> " by " {foreign(view.by.shown())}
        </p>
        {why}
    }
    .into_any()
}

fn owed(debt: &DebtView, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    match debt.paid_at {
        Some(at) => view! { <p class="row-note">{badge("Debt paid", Tone::Ok)} " " {ago(at, as_of)}</p> }.into_any(),
        None => {
            let (word, tone) = if debt.due_at <= as_of { ("Debt overdue", Tone::Bad) } else { ("Debt", Tone::Warn) };
            view! {
                <p class="row-note">
                    {badge(word, tone)} " The proof in staging is owed, due " {moment(debt.due_at, relative(debt.due_at, as_of))}
                    ". Until it is made good, or two others have reviewed the incident, nothing else of this service goes out here."
                </p>
            }
            .into_any()
        }
    }
}
