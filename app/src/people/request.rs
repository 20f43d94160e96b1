//! One request, as those read it who are to endorse it.

use super::shape::RequestView;
use crate::ui::badge::badge;
use crate::ui::button::{Act, Weight};
use crate::ui::field::Exact;
use crate::ui::icon::{Icon, icon};
use crate::ui::live::{Live, Progress};
use crate::ui::post::Post;
use crate::ui::section::Section;
use crate::ui::text::{foreign, visible};
use crate::ui::time::{ago, expiry, moment, relative};
use crate::ui::words::six_words;
use leptos::prelude::*;
use leptos_meta::Title;

/// What the caller can do here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// Vouch for it.
    Endorse,
    /// Say no, which ends it.
    Refuse,
    /// Take back one's own.
    Withdraw,
}

/// What outlives the data.
#[derive(Clone, Copy)]
pub(crate) struct Panel {
    /// What is happening.
    pub(crate) progress: RwSignal<Progress>,
    /// Carries it out, on the request and the digest that were shown.
    pub(crate) act: Callback<(Word, String, String)>,
}

/// `Nikhil Joshi asks for a security key`.
pub(crate) fn heading(view: &RequestView) -> String {
    format!("{} asks for {}", view.row.person.shown(), view.row.what)
}

/// The page.
pub(crate) fn request(view: &RequestView, panel: Panel) -> impl IntoView + use<> {
    let title = visible(&heading(view));
    let fields = view.subject.iter().map(|(name, value)| field(name, value)).collect_view();
    let (asked, until, digest) = (ago(view.row.asked_at, view.as_of), until(view), view.digest.clone());
    let (status, endorsed_by, panel) =
        (badge(&view.row.status.word, view.row.status.tone), endorsed_by(view), act_panel(view, panel));
    view! {
        <Title text=title.clone() />
        <h1>{title}</h1>
        <p class="lead">{status} " asked " {asked} {until}</p>
        <div class="columns">
            <div class="columns-side">{panel}</div>
            <div class="columns-main">
                <Section title="What is signed" id="what-is-signed">
                    <dl class="fields">
                        {fields}
                        <div class="field-row field-digest">
                            <dt>"their digest"</dt>
                            <dd><Exact name="the digest" value=digest /></dd>
                            <dd class="hint">"SHA-256 of the canonical bytes; keys sign it"</dd>
                        </div>
                    </dl>
                </Section>
                <Section title="Endorsed by" id="endorsed-by">{endorsed_by}</Section>
            </div>
        </div>
    }
    .into_any()
}

fn field(name: &str, value: &str) -> impl IntoView + use<> {
    let (name, value) = (visible(name), visible(value));
    view! { <div class="field-row"><dt>{name}</dt><dd>{value}</dd></div> }.into_any()
}

fn until(view: &RequestView) -> impl IntoView + use<> {
    match (view.counts_from, view.expires_at) {
        (Some(at), _) if at > view.as_of => {
            let words = format!("counts {}", relative(at, view.as_of));
            view! { " · " {moment(at, words)} ", if nobody refuses" }.into_any()
        }
        (Some(at), _) => view! { " · counts since " {ago(at, view.as_of)} }.into_any(),
        (None, Some(at)) => view! { " · " {moment(at, expiry(at, view.as_of))} }.into_any(),
        (None, None) => ().into_any(),
    }
}

fn endorsed_by(view: &RequestView) -> impl IntoView + use<> {
    if view.endorsements.is_empty() {
        return view! { <p class="hint">"Nobody yet. It takes two."</p> }.into_any();
    }
    let rows = view.endorsements.iter().map(|endorsement| {
        view! {
            <li><b>{foreign(endorsement.person.shown())}</b> " " <span class="dim">{ago(endorsement.signed_at, view.as_of)}</span></li>
        }
    });
    view! { <ul class="plain">{rows.collect_view()}</ul> }.into_any()
}

fn act_panel(view: &RequestView, panel: Panel) -> impl IntoView + use<> {
    let of = (view.row.id.clone(), view.digest.clone());
    let on = move |word: Word| {
        let (request, digest) = of.clone();
        Callback::new(move |()| panel.act.run((word, request.clone(), digest.clone())))
    };
    let busy = Signal::derive(move || panel.progress.read().is_busy());
    let (may_any, own) = (view.approve.is_allowed() || view.refuse.is_allowed(), view.can_withdraw);
    let title = match (view.approve.is_allowed(), may_any, own) {
        (true, ..) => "Your word is asked",
        (_, true, _) => "You can still refuse this",
        (.., true) => "This is your own request",
        _ => "Nothing is asked of you here",
    };
    let guidance = if own {
        view! { <p class="hint">"Meet two people who hold a role, in person or by video, and read these six words to them:"</p> }
            .into_any()
    } else {
        view! {
            <p class="hint">
                "Check with them in person or by video that it is them and that they asked. Let them read their six words to you, from their own page. Never by chat or mail: whoever stole their session writes there too."
            </p>
        }
        .into_any()
    };
    let value = view.row.id.clone();
    let buttons = if own {
        view! {
            <div class="acts">
                <Post action="withdraw_request" name="request" value class="button" busy on_act=on(Word::Withdraw)>
                    "Withdraw"
                </Post>
            </div>
        }
        .into_any()
    } else {
        let (endorse, refuse) = (view.approve.reasons.clone(), view.refuse.reasons.clone());
        // What stands in the way of both is said once.
        let refuse_said = endorse.clone();
        view! {
            <div class="acts">
                <Act label="Endorse" weight=Weight::Primary sign=Some(icon(Icon::Key).into_any()) refused=endorse busy on_act=on(Word::Endorse) />
                <Act label="Refuse" weight=Weight::Danger refused=refuse said=refuse_said busy on_act=on(Word::Refuse) />
            </div>
            <noscript><p class="hint">"Signing needs JavaScript: without it the page can be read, but no key can be touched."</p></noscript>
        }
        .into_any()
    };
    view! {
        <section class="panel" aria-labelledby="your-act">
            <h2 id="your-act">{title}</h2>
            {guidance}
            {six_words(&view.six_words)}
            {buttons}
            <Live progress=panel.progress />
        </section>
    }
    .into_any()
}
