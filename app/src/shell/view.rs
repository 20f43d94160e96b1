//! The frame's parts, as functions of shapes.

use super::live::Live;
use super::theme::{self, Theme};
use crate::audit::shape::AuditFilter;
use crate::changes::shape::ChangeFilter;
use crate::paths;
use crate::pipelines::releases::shape::ReleaseFilter;
use crate::pipelines::shape::RunFilter;
use crate::services::shape::ServiceFilter;
use crate::shape::{Me, ShellView};
use crate::ui::icon::{Icon, icon};
use crate::ui::text::{foreign, visible};
use crate::ui::time::moment;
use leptos::prelude::*;

/// The name and sign of the house.
pub(crate) fn logo() -> impl IntoView {
    view! { <a class="logo" href=paths::home()>{icon(Icon::Gate)} "Gatehouse"</a> }.into_any()
}

/// What is relaxed here, on every page of a demo.
pub(crate) fn demo_banner(sentence: &str) -> impl IntoView + use<> {
    view! { <aside class="demo-banner" aria-label="Demo">{visible(sentence)}</aside> }.into_any()
}

/// What everybody must know, on every page.
pub(crate) fn notice_banner(sentence: &str) -> impl IntoView + use<> {
    view! { <aside class="demo-banner notice-banner" role="alert" aria-label="Notice">{icon(Icon::Cross)} " " {visible(sentence)}</aside> }
        .into_any()
}

/// Nothing goes out: who stopped it, and where to look.
pub(crate) fn stopped_banner(sentence: &str) -> impl IntoView + use<> {
    view! {
        <aside class="demo-banner notice-banner" aria-label="Line stopped">
            {icon(Icon::Lock)} " " <bdi>{visible(sentence)}</bdi> " " <a href=paths::freezes()>"Freezes"</a>
        </aside>
    }
    .into_any()
}

/// A P1 is live.
pub(crate) fn fire_banner(sentence: &str) -> impl IntoView + use<> {
    view! {
        <aside class="demo-banner notice-banner" aria-label="Incident">
            {icon(Icon::Cross)} " " <bdi>{visible(sentence)}</bdi> " " <a href=paths::incidents()>"Incidents"</a>
        </aside>
    }
    .into_any()
}

/// The pages there are. `here` is the path that is open.
pub(crate) fn nav_links(shell: &ShellView, here: &str) -> impl IntoView + use<> {
    let needs_you = shell.needs_you;
    let pages = [
        ("Home", paths::home(), needs_you),
        ("Services", paths::services(&ServiceFilter::default()), 0),
        ("Environments", paths::environments(), 0),
        ("Changes", paths::changes(&ChangeFilter::default()), 0),
        ("Pipelines", paths::runs(&RunFilter::default()), 0),
        ("Releases", paths::releases(&ReleaseFilter::default()), 0),
        ("Incidents", paths::incidents(), 0),
        ("People", paths::people(), 0),
        ("Keys", paths::keys(), 0),
        ("Policy", paths::policy(), 0),
        ("Audit", paths::audit(&AuditFilter::default()), 0),
    ];
    let leads_here = |href: &str| here == href || (href != "/" && here.starts_with(&format!("{href}/")));
    // A page below another's address is its own.
    let open =
        pages.iter().map(|(_, href, _)| href).filter(|href| leads_here(href)).max_by_key(|href| href.len()).cloned();
    let links = pages.map(|(name, href, count)| {
        let is_here = open.as_ref() == Some(&href);
        let badge = (count > 0).then(|| {
            view! { <span class="count">{count} <span class="sr-only">" need you"</span></span> }
        });
        view! { <li><a href=href aria-current=is_here.then_some("page")>{name} {badge}</a></li> }
    });
    view! { <ul class="nav-links">{links.into_iter().collect_view()}</ul> }.into_any()
}

/// Which log all this belongs to, when it was read, and whether it stays true by itself.
pub(crate) fn nav_foot(shell: &ShellView, live: Live) -> impl IntoView + use<> {
    view! {
        <div class="nav-foot">
            <p class="mono" title="The log that entries and signatures belong to">{visible(&shell.log_origin)}</p>
            <p class="as-of">
                "as of " {moment(shell.as_of, shell.as_of.format("%H:%M:%S UTC").to_string())}
                {live.said()}
            </p>
        </div>
    }
    .into_any()
}

/// Who is signed in, as what; and the way out.
pub(crate) fn account(me: &Me) -> impl IntoView + use<> {
    let roles = match (me.is_admitted, me.roles.is_empty()) {
        (false, _) => "not admitted: you can look, not act".to_owned(),
        (true, true) => "no role".to_owned(),
        (true, false) => me.roles.join(" · "),
    };
    view! {
        <div class="account">
            <a class="account-name" href=paths::sessions(None) title="Your sessions">{foreign(me.person.shown())}</a>
            <span class="account-roles">{visible(&roles)}</span>
            <form method="post" action=paths::logout()>
                <button type="submit" class="quiet">"Sign out"</button>
            </form>
        </div>
    }
    .into_any()
}

/// Three ways to look at it; a plain form without JavaScript.
#[component]
pub(crate) fn ThemeChoice(
    /// The theme that the server rendered.
    chosen: RwSignal<Theme>,
) -> impl IntoView {
    let buttons = Theme::ALL.map(|offered| {
        let (sign, name) = match offered {
            Theme::Light => (Icon::Sun, "Light theme"),
            Theme::Dark => (Icon::Moon, "Dark theme"),
            Theme::System => (Icon::Screen, "System theme"),
        };
        let choose = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            theme::apply(offered);
            chosen.set(offered);
            leptos::task::spawn_local(async move {
                // A theme that is not remembered is no reason to disturb anybody.
                drop(super::api::choose_theme(offered.word().to_owned()).await);
            });
        };
        view! {
            <button
                type="submit"
                name="theme"
                value=offered.word()
                aria-label=name
                title=name
                aria-pressed=move || (chosen.get() == offered).to_string()
                on:click=choose
            >
                {icon(sign)}
            </button>
        }
    });
    view! {
        <form class="theme" method="post" action="/api/ui/theme">{buttons.into_iter().collect_view()}</form>
    }
    .into_any()
}

/// Where the open page lies.
pub(crate) fn trail(here: &str) -> impl IntoView + use<> {
    let parts = paths::trail(here);
    let last = parts.len().saturating_sub(1);
    let items = parts.into_iter().enumerate().map(|(i, (name, href))| {
        let name = visible(&name);
        if i == last {
            view! { <li aria-current="page">{name}</li> }.into_any()
        } else {
            view! { <li><a href=href>{name}</a></li> }.into_any()
        }
    });
    view! { <ol class="trail">{items.collect_view()}</ol> }.into_any()
}
