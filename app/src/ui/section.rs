//! A part of a page: a heading, a hairline, and what stands under it.

use leptos::prelude::*;

/// A labelled region.
#[component]
pub(crate) fn Section(
    /// The heading; also the region's name. `id` makes it addressable.
    title: &'static str,
    /// The heading's id, unique in the page.
    id: &'static str,
    /// Words beside the heading.
    #[prop(optional, into)]
    aside: Option<AnyView>,
    /// What stands under it.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section" aria-labelledby=id>
            <div class="section-head">
                <h2 id=id>{title}</h2>
                {aside.map(|words| view! { <div class="section-aside">{words}</div> })}
            </div>
            {children()}
        </section>
    }
    .into_any()
}

/// Nothing is there: why, and what would bring something.
pub(crate) fn empty(why: &'static str, next: impl IntoView + 'static) -> impl IntoView {
    view! { <div class="empty"><p class="empty-why">{why}</p><p>{next}</p></div> }.into_any()
}
