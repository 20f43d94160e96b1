//! The frame around every page: banner, navigation, header, and the place for the page.

use super::api::read_shell;
use super::theme;
use super::view::{ThemeChoice, account, demo_banner, logo, nav_foot, nav_links, notice_banner, trail};
use crate::error::UiError;
use crate::shape::ShellView;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The shell's data, for whoever changes what it counts.
#[derive(Clone, Copy)]
pub(crate) struct Shell(Resource<Result<ShellView, UiError>>);

impl Shell {
    /// Reads it again: something that is counted has changed.
    pub(crate) fn refetch(self) {
        self.0.refetch();
    }

    /// A part of the frame, once its data is there; nothing while signed out or when it cannot be read,
    /// because the page itself says that.
    fn part<V: IntoView + 'static>(
        self,
        view: impl Fn(&ShellView) -> Option<V> + Copy + Send + Sync + 'static,
    ) -> impl IntoView {
        view! {
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    self.0.await.ok().and_then(|shell| view(&shell)).map(IntoView::into_view)
                })}
            </Transition>
        }
    }
}

/// Everything that is the same on every page.
#[component]
pub(crate) fn Frame(
    /// The routes.
    children: Children,
) -> impl IntoView {
    let here = use_location().pathname;
    // Read again on every page: what waits for the caller, and whether they are still signed in, may have changed.
    let shell = Shell(Resource::new_blocking(move || here.get(), |_| read_shell()));
    provide_context(shell);
    let chosen = RwSignal::new(SharedValue::new(theme::of_request).into_inner());
    let links = move |shell: &ShellView| {
        shell.me.is_some().then(|| {
            let shell = shell.clone();
            move || nav_links(&shell, &here.get())
        })
    };
    view! {
        <a class="skip" href="#page">"Skip to the page"</a>
        <div class="frame">
            <nav class="side" aria-label="Main">
                {logo()}
                {shell.part(links)}
                {shell.part(|shell| shell.me.is_some().then(|| nav_foot(shell)))}
            </nav>
            <div class="main">
                <div class="bar">
                    {shell.part(|shell| shell.notice.as_deref().map(notice_banner))}
                    {shell.part(|shell| shell.demo.as_deref().map(demo_banner))}
                    <header class="top">
                        <nav class="top-trail" aria-label="Where you are">{move || trail(&here.get())}</nav>
                        <ThemeChoice chosen />
                        {shell.part(|shell| shell.me.as_ref().map(account))}
                    </header>
                </div>
                <main id="page" class="page" tabindex="-1">{children()}</main>
            </div>
        </div>
    }
    .into_any()
}
