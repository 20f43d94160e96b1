//! The plan for going wrong, and the way back that a release leaves behind.
//!
//! Editing, confirming and marking are plain forms: they work without JavaScript. Going back takes a key.

#[cfg(all(test, feature = "ssr"))]
pub(crate) mod tests;

use super::decide::Verb;
use super::panel::Panel;
use crate::paths;
use crate::shape::{Availability, PersonView};
use crate::ui::badge::badge;
use crate::ui::button::{Act, Weight};
use crate::ui::problem::reasons;
use crate::ui::section::Section;
use crate::ui::text::{foreign, visible, visible_lines};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// What is done if it goes wrong, and what can be done now that it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RollbackView {
    /// The plan in words.
    pub sentence: String,
    /// Who made it other than it was drafted.
    pub edited_by: Option<PersonView>,
    /// What they wrote beside it (hostile text).
    pub note: Option<String>,
    /// Who confirmed it as it stands.
    pub confirmed_by: Option<PersonView>,
    /// Its digest; absent where it is not known yet.
    pub plan_digest: Option<String>,
    /// Where it leads, where a person chose that.
    pub to: Option<String>,
    /// `none`, `forward_only` or `by_hand`.
    pub migrations: String,
    /// Where it could lead, newest first.
    pub targets: Vec<String>,
    /// Whether the caller may edit it; absent for what is not held any more.
    pub edit: Option<Availability>,
    /// Whether they may confirm it.
    pub confirm: Option<Availability>,
    /// Of a held change that leads back: how.
    pub go_back: Option<GoBackView>,
    /// Of a released change: what it left behind.
    pub left: Option<LeftView>,
    /// Who marked this version, if somebody did.
    pub marked_by: Option<PersonView>,
    /// On which change's page.
    pub marked_on: Option<String>,
    /// Whether the caller may mark it; absent where there is nothing to mark.
    pub mark: Option<Availability>,
}

/// This change is exactly what ran before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoBackView {
    /// The change that released it before.
    pub to: String,
    /// The release that is undone.
    pub undoes: String,
    /// Whether the caller may.
    pub allowed: Availability,
}

/// What a release left behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftView {
    /// Where it leads.
    pub to: String,
    /// The run to start again at GitHub.
    pub run_url: String,
    /// What used it up.
    pub used_by: Option<String>,
    /// Why it leads nowhere, though nobody used it.
    pub void: Option<String>,
}

/// A plan as the form sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanForm {
    /// The change.
    pub number: String,
    /// The subject that the page showed.
    pub subject_digest: String,
    /// Where it leads; empty for what production runs.
    pub to: String,
    /// `forward_only` or `by_hand`; empty where there are none.
    pub migrations: String,
    /// What else is to be done.
    pub note: String,
}

/// The plan, who stands for it, and the forms to change that.
pub(super) fn plan(view: &RollbackView, number: &str, subject_digest: &str) -> impl IntoView + use<> {
    let sentence = visible_lines(&view.sentence);
    let edited = view.edited_by.as_ref().map(|by| view! { <span>"Edited by " {foreign(by.shown())} "."</span> });
    let note = view
        .note
        .clone()
        .map(|note| view! { <blockquote class="quote"><bdi>{visible_lines(&note)}</bdi></blockquote> });
    let stands = match &view.confirmed_by {
        Some(by) => view! { {badge("Confirmed", Tone::Ok)} <span>" by " {foreign(by.shown())}</span> }.into_any(),
        None if view.confirm.is_some() => badge("Not confirmed", Tone::Warn).into_any(),
        None => badge("Was not confirmed", Tone::Neutral).into_any(),
    };
    let confirm = view.confirm.as_ref().filter(|_| view.confirmed_by.is_none()).map(|may| {
        let (number, digest) = (number.to_owned(), view.plan_digest.clone().unwrap_or_default());
        let refused = !may.is_allowed();
        view! {
            <form method="post" action="/api/ui/confirm_plan">
                <input type="hidden" name="number" value=number />
                <input type="hidden" name="plan_digest" value=digest />
                <button type="submit" class="button" disabled=refused aria-describedby=refused.then_some("plan-why")>"Confirm the plan"</button>
            </form>
            {refused.then(|| view! { <div id="plan-why">{reasons(&may.reasons)}</div> })}
        }
    });
    let edit = view.edit.as_ref().filter(|may| may.is_allowed()).map(|_| edit_form(view, number, subject_digest));
    view! {
        <Section title="If it goes wrong" id="if-it-goes-wrong">
            <p class="prose"><bdi>{sentence}</bdi></p>
            {note}
            <p class="row-note">{stands} " " {edited}</p>
            {confirm}
            {edit}
        </Section>
    }
    .into_any()
}

fn edit_form(view: &RollbackView, number: &str, subject_digest: &str) -> impl IntoView + use<> {
    let chosen = view.to.clone();
    let targets = view.targets.iter().map(|target| {
        let is_chosen = chosen.as_deref() == Some(target.as_str());
        view! { <option value=target.clone() selected=is_chosen>"What " {visible(target)} " released"</option> }
    });
    let by_hand = view.migrations == "by_hand";
    let migrations = (view.migrations != "none").then(|| {
        view! {
            <div class="field">
                <label for="plan-migrations">"Its migrations"</label>
                <select id="plan-migrations" name="migrations">
                    <option value="forward_only" selected=!by_hand>"stay in place"</option>
                    <option value="by_hand" selected=by_hand>"need a step by hand"</option>
                </select>
            </div>
        }
    });
    view! {
        <details class="more">
            <summary>"Edit the plan"</summary>
            <form method="post" action="/api/ui/edit_plan">
                <p class="hint">"Another plan is another thing to sign: approvals that were given fall, and the plan waits to be confirmed."</p>
                <input type="hidden" name="number" value=number.to_owned() />
                <input type="hidden" name="subject_digest" value=subject_digest.to_owned() />
                <div class="field">
                    <label for="plan-to">"Go back to"</label>
                    <select id="plan-to" name="to">
                        <option value="" selected=chosen.is_none()>"What production runs now"</option>
                        {targets.collect_view()}
                    </select>
                </div>
                {migrations}
                <div class="field">
                    <label for="plan-note">"What else is to be done"</label>
                    <textarea id="plan-note" name="note" rows="2" maxlength="2000" aria-describedby="plan-note-hint"></textarea>
                    // What is between a text area's tags is not escaped, so nobody's words stand there.
                    <span class="hint" id="plan-note-hint">"It takes the place of what was written before."</span>
                </div>
                <button type="submit" class="button">"Save the plan"</button>
            </form>
        </details>
    }
    .into_any()
}

/// The way back: on what leads back the button, on a release what it left behind, and the mark.
pub(super) fn going_back(view: &RollbackView, number: &str, subject_digest: &str, panel: Panel) -> Option<AnyView> {
    let marked = view.marked_by.as_ref().map(|by| {
        let on = view
            .marked_on
            .clone()
            .filter(|on| on != number)
            .map(|on| view! { " on " <a href=paths::change(&on)>{on.clone()}</a> });
        view! { <p>{badge("Do not return to", Tone::Bad)} " said " {foreign(by.shown())} {on}"."</p> }
    });
    let button = view.go_back.as_ref().map(|back| {
        let (number, digest) = (number.to_owned(), subject_digest.to_owned());
        let refused = back.allowed.reasons.clone();
        let on_act = Callback::new(move |()| panel.act(Verb::GoBack, &number, &digest));
        view! {
            <p>"This is exactly what " <a href=paths::change(&back.to)>{back.to.clone()}</a> " released, and " <a href=paths::change(&back.undoes)>{back.undoes.clone()}</a> " left one way back to it. One engineer, or whoever is on call, goes back with one touch; nobody approves anything anew. A freeze or a stopped line does not hold it."</p>
            <noscript><p class="hint">"Signing needs JavaScript: without it the page can be read, but no key can be touched."</p></noscript>
            <div class="acts">
                <Act label="Go back" weight=Weight::Danger refused busy=panel.busy() on_act />
            </div>
        }
    });
    let left = view.left.as_ref().map(|left| {
        let to = view! { <a href=paths::change(&left.to)>{left.to.clone()}</a> };
        match (&left.used_by, &left.void) {
            (Some(by), _) => view! { <p>{badge("Used", Tone::Neutral)} " One way back to " {to} ", used by " <a href=paths::change(by)>{by.clone()}</a> "."</p> }.into_any(),
            (None, Some(why)) => view! { <p>{badge("Over", Tone::Neutral)} " One way back to " {to} ". " {why.clone()}</p> }.into_any(),
            (None, None) => view! { <p>{badge("Unused", Tone::Ok)} " One way back to " {to} ". Start "<a href=left.run_url.clone()>"its run"</a>" again at GitHub; when it asks for production, one touch on its new change goes back."</p> }.into_any(),
        }
    });
    let mark = view.mark.as_ref().filter(|_| view.marked_by.is_none()).map(|may| {
        let refused = !may.is_allowed();
        view! {
            <details class="more">
                <summary>"Mark this version “do not return to”"</summary>
                <form method="post" action="/api/ui/mark_version">
                    <p class="hint">"Nothing releases it again, by approval or by going back. It cannot be taken off: build another version."</p>
                    <input type="hidden" name="number" value=number.to_owned() />
                    <div class="field">
                        <label for="mark-why">"Why"</label>
                        <textarea id="mark-why" name="why" rows="2" maxlength="2000" required></textarea>
                    </div>
                    <button type="submit" class="button danger" disabled=refused aria-describedby=refused.then_some("mark-why-not")>"Mark it"</button>
                </form>
                {refused.then(|| view! { <div id="mark-why-not">{reasons(&may.reasons)}</div> })}
            </details>
        }
    });
    let is_empty = marked.is_none() && button.is_none() && left.is_none() && mark.is_none();
    (!is_empty).then(|| {
        view! {
            <section class="panel" aria-labelledby="going-back">
                <h2 id="going-back">"Going back"</h2>
                {marked}
                {button}
                {left}
                {mark}
            </section>
        }
        .into_any()
    })
}
