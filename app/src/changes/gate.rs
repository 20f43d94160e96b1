//! Who must sign, and why the gate is shut.

use super::shape::{GateView, SeatView};
use crate::ui::icon::{Icon, icon};
use crate::ui::problem::reasons;
use crate::ui::section::Section;
use crate::ui::text::{foreign, visible};
use crate::ui::time::{moment, relative};
use chrono::{DateTime, Utc};
use leptos::prelude::*;

/// Every seat in order.
pub(crate) fn seats(gate: &GateView, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let seats = gate.seats.iter().map(|seat| one(seat, as_of)).collect_view();
    view! { <Section title="Who must sign" id="who-must-sign"><ul class="seats">{seats}</ul></Section> }.into_any()
}

fn one(seat: &SeatView, as_of: DateTime<Utc>) -> impl IntoView + use<> {
    let (sign, class) = if seat.by.is_some() { (Icon::Check, "seat seat-filled") } else { (Icon::Seat, "seat") };
    let who = match (&seat.by, seat.is_yours) {
        (Some(person), _) => view! { <span>"signed by " {foreign(person.shown())}</span> }.into_any(),
        (None, true) => view! { <b>"you can"</b> }.into_any(),
        (None, false) => view! { <span class="dim">"empty"</span> }.into_any(),
    };
    let when = seat.signed_at.map(|at| view! { <span class="dim">{moment(at, relative(at, as_of))}</span> });
    view! {
        <li class=class>
            {icon(sign)}
            <div><b>{visible(&seat.name)}</b> <div class="hint">{visible(&seat.because)}</div></div>
            <div class="seat-who">{who} {when}</div>
        </li>
    }
    .into_any()
}

/// All that is in the way, or that nothing is.
pub(crate) fn why_shut(gate: &GateView) -> impl IntoView + use<> {
    if gate.is_open {
        return view! { <p class="gate-open">{icon(Icon::Check)} "The gate is open: nothing is in the way."</p> }
            .into_any();
    }
    let reasons = reasons(&gate.reasons);
    view! { <Section title="Why the gate is shut" id="why-shut">{reasons}</Section> }.into_any()
}
