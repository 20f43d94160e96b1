//! The frame around every page: banner, navigation, header, and the place for the page.

use super::api::read_shell;
use super::live::Live;
use super::theme;
use super::view::{
    ThemeChoice, account, demo_banner, fire_banner, logo, nav_foot, nav_links, notice_banner, stopped_banner, trail,
};
use crate::error::UiError;
use crate::live::Topic;
use crate::reply::Told;
use crate::shape::ShellView;
use crate::ui::problem::problem;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The shell's data, for whoever changes what it counts.
#[derive(Clone, Copy)]
pub(crate) struct Shell {
    read: Resource<Result<ShellView, UiError>>,
    /// What was read before, for when it cannot be read now.
    last: StoredValue<Option<ShellView>>,
}

impl Shell {
    /// Reads it again: something that is counted has changed.
    pub(crate) fn refetch(self) {
        self.read.refetch();
    }

    async fn shown(self) -> Option<ShellView> {
        match self.read.await {
            Ok(shell) => {
                self.last.set_value(Some(shell.clone()));
                Some(shell)
            }
            Err(_) => self.last.get_value(),
        }
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
                    self.shown().await.and_then(|shell| view(&shell)).map(IntoView::into_view)
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
    let read = Resource::new_blocking(move || here.get(), |_| read_shell());
    let shell = Shell { read, last: StoredValue::new(None) };
    provide_context(shell);
    let live = Live::new();
    provide_context(live);
    live.on_frame(move || shell.refetch());
    // Whoever is signed out hears nothing. What cannot be read right now is as it was.
    let is_signed_in = RwSignal::new(false);
    Effect::new(move |_| {
        if let Some(Ok(shell)) = read.get() {
            is_signed_in.set(shell.me.is_some());
        }
    });
    live.listen(Memo::new(move |_| is_signed_in.get().then(|| Topic::of_path(&here.get()))));
    let chosen = RwSignal::new(SharedValue::new(theme::of_request).into_inner());
    // What a form of the page before was told; gone when one goes on.
    let told = RwSignal::new(SharedValue::new(|| use_context::<Told>().map(|Told(problem)| problem)).into_inner());
    Effect::new(move |before: Option<String>| {
        let now = here.get();
        if before.is_some_and(|before| before != now) {
            told.set(None);
        }
        now
    });
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
                {shell.part(move |shell| shell.me.is_some().then(|| nav_foot(shell, live)))}
            </nav>
            <div class="main">
                <div class="bar">
                    {shell.part(|shell| shell.notice.as_deref().map(notice_banner))}
                    {shell.part(|shell| shell.fire.as_deref().map(fire_banner))}
                    {shell.part(|shell| shell.stopped.as_deref().map(stopped_banner))}
                    {shell.part(|shell| shell.demo.as_deref().map(demo_banner))}
                    <header class="top">
                        <nav class="top-trail" aria-label="Where you are">{move || trail(&here.get())}</nav>
                        <ThemeChoice chosen />
                        {shell.part(|shell| shell.me.as_ref().map(account))}
                    </header>
                </div>
                <main id="page" class="page" tabindex="-1">
                    {move || told.get().map(|told| view! { <div class="told">{problem(told)}</div> })}
                    {children()}
                </main>
            </div>
        </div>
    }
    .into_any()
}
