//! The caller's next act, in one panel: whether they may, why not, and what exactly their key signs.

use super::decide::{Verb, decide};
use super::lane::Words;
use super::shape::{Actions, ChangeView, DecisionRequest};
use crate::shape::Availability;
use crate::ui::button::{Act, SAID, Weight};
use crate::ui::icon::{Icon, icon};
use crate::ui::keyboard::on_key;
use crate::ui::live::{Live, Progress};
use crate::ui::problem::reasons;
use crate::ui::words::six_words;
use leptos::html::Textarea;
use leptos::prelude::*;

/// The code of the reason that ends all others: the change is not held any more.
const OVER: &str = "change_not_held";

/// What outlives the data of the page: a message stays when the change is read again.
#[derive(Clone, Copy)]
pub(crate) struct Panel {
    comment: RwSignal<String>,
    progress: RwSignal<Progress>,
    emergency: Words,
    lane: Words,
    on_done: Callback<()>,
}

impl Panel {
    /// What reads everything again.
    pub(crate) fn done(self) -> Callback<()> {
        self.on_done
    }

    /// `on_done` reads everything again.
    pub(crate) fn new(on_done: Callback<()>) -> Self {
        let (comment, progress) = (RwSignal::new(String::new()), RwSignal::new(Progress::Idle));
        Self { comment, progress, emergency: Words::new(), lane: Words::new(), on_done }
    }

    /// Another change is shown: nothing said about the one before may stay.
    pub(crate) fn forget(self) {
        self.comment.set(String::new());
        self.progress.set(Progress::Idle);
        self.emergency.forget();
        self.lane.forget();
    }

    /// What is written beside an incident that one attaches.
    pub(super) fn emergency(self) -> Words {
        self.emergency
    }

    /// What is written beside an older change that one ends.
    pub(super) fn lane(self) -> Words {
        self.lane
    }

    /// Something is under way.
    pub(super) fn busy(self) -> Signal<bool> {
        Signal::derive(move || self.progress.read().is_busy())
    }

    pub(super) fn act(self, verb: Verb, number: &str, subject_digest: &str) {
        let comment = self.comment.get_untracked().trim().to_owned();
        if verb.needs_comment() && comment.is_empty() {
            self.progress
                .set(Progress::Stopped("Say in the comment why you reject it; nothing was signed.".to_owned()));
            return;
        }
        let request = DecisionRequest {
            number: number.to_owned(),
            decision: verb.code().to_owned(),
            comment,
            subject_digest: subject_digest.to_owned(),
        };
        decide(request, self.progress, move |is_done| {
            if is_done {
                self.comment.set(String::new());
            }
            self.on_done.run(());
        });
    }
}

/// `You would fill Engineer 2`, or why there is nothing to do.
pub(crate) fn heading(view: &ChangeView) -> String {
    let has = |code: &str| view.actions.approve.reasons.iter().any(|r| r.code == code);
    match view.gate.seats.iter().find(|seat| seat.is_yours) {
        Some(seat) if view.actions.approve.is_allowed() => format!("You would fill {}", seat.name),
        _ if view.actions.approve.is_allowed() => "You can approve this".to_owned(),
        _ if has(OVER) => "Nothing is left to decide".to_owned(),
        _ if has("already_signed") => "You have decided".to_owned(),
        _ => "You cannot approve this".to_owned(),
    }
}

/// The panel.
#[component]
pub(crate) fn ActPanel(
    /// The change.
    view: ChangeView,
    /// What outlives it.
    panel: Panel,
) -> impl IntoView {
    let title = heading(&view);
    let actions = view.actions.clone();
    let may_any = [&actions.approve, &actions.reject, &actions.withdraw, &actions.close].iter().any(|a| a.is_allowed());
    let is_over = actions.approve.reasons.iter().any(|r| r.code == OVER);
    let mut why_not = actions.approve.reasons.clone();
    if is_over {
        // Nobody can do anything here any more, whatever else stood in their way.
        why_not.retain(|r| r.code == OVER);
    }
    let why_not = (!why_not.is_empty()).then(|| view! { <div id=SAID>{reasons(&why_not)}</div> });
    let textarea = NodeRef::<Textarea>::new();

    let (number, digest) = (StoredValue::new(view.row.number.clone()), StoredValue::new(view.subject_digest.clone()));
    let act = Callback::new(move |verb: Verb| {
        panel.act(verb, &number.read_value(), &digest.read_value());
        if verb.needs_comment() && panel.comment.read_untracked().trim().is_empty() {
            // The remedy is one field away.
            if let Some(textarea) = textarea.get_untracked() {
                drop(textarea.focus());
            }
        }
    });
    let (may_approve, may_reject) = (actions.approve.is_allowed(), actions.reject.is_allowed());
    on_key(move |key| {
        let verb = match key {
            "a" if may_approve => Verb::Approve,
            "r" if may_reject => Verb::Reject,
            _ => return false,
        };
        if !panel.progress.read_untracked().is_busy() {
            act.run(verb);
        }
        true
    });

    let busy = panel.busy();
    let button =
        move |verb: Verb, label, weight, key: Option<&'static str>, allowed: &Availability, sign: Option<AnyView>| {
            let (refused, said) = (allowed.reasons.clone(), actions.approve.reasons.clone());
            view! { <Act label weight refused said busy key sign on_act=Callback::new(move |()| act.run(verb)) /> }
        };
    let Actions { approve, reject, withdraw, close } = view.actions.clone();
    let signing = may_any.then(|| view! {
        <p class="hint">"Your key signs what stands under “What is signed”, your comment and your decision:"</p>
        {six_words(&view.six_words)}
        <div class="field">
            <label for="comment">"Comment"</label>
            <textarea
                id="comment"
                node_ref=textarea
                rows="2"
                maxlength="2000"
                aria-describedby="comment-hint"
                prop:value=move || panel.comment.get()
                on:input:target=move |event| panel.comment.set(event.target().value())
            ></textarea>
            <span class="hint" id="comment-hint">"It is signed with your decision and kept in the log. Rejecting and closing need one."</span>
        </div>
        <noscript><p class="hint">"Signing needs JavaScript: without it the page can be read, but no key can be touched."</p></noscript>
    });
    let buttons = (!is_over).then(|| view! {
        <div class="acts">
            {button(Verb::Approve, "Approve", Weight::Primary, Some("a"), &approve, Some(icon(Icon::Key).into_any()))}
            {button(Verb::Reject, "Reject", Weight::Danger, Some("r"), &reject, None)}
        </div>
        <div class="acts acts-rare">
            {button(Verb::Withdraw, "Withdraw", Weight::Plain, None, &withdraw, None)}
            {button(Verb::Close, "Close change", Weight::Danger, None, &close, None)}
        </div>
    });
    view! {
        <section class="panel" aria-labelledby="your-act">
            <h2 id="your-act">{title}</h2>
            {why_not}
            {signing}
            {buttons}
            <Live progress=panel.progress />
        </section>
    }
    .into_any()
}
