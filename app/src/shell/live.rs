//! Keeps the open page true: listens for "look again", and makes the page ask its ordinary server function.
//!
//! States: not listening (without JavaScript, signed out, or away) → listening → lost → listening again. A page that is
//! hidden, or that nobody has touched for ten minutes, does not listen: it would keep a session alive that nobody uses.
//! Whenever it (re)connects the page is read again, so nothing that was said meanwhile is missing.

use crate::live::Topic;
use crate::ui::icon::{Icon, icon};
use crate::ui::listen::{Heard, Source, open};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use std::time::Duration;

/// How often silence and absence are counted. The server says something at least this often.
const TICK: Duration = Duration::from_secs(10);
/// Ticks of silence after which a connection is dead, whatever the browser believes.
const SILENT: u32 = 3;
/// Ticks without a touch after which nobody is there.
const AWAY: u32 = 60;
/// At most one reading in this time, however much happens.
const GATHER: Duration = Duration::from_millis(400);

/// Whether the page hears of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hearing {
    /// Not, and nothing is wrong.
    Nothing,
    /// Yes.
    Live,
    /// It did, and is trying to again.
    Lost,
    /// Not while nobody is there.
    Away,
}

/// What pages listen to.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    page: RwSignal<u32>,
    frame: RwSignal<u32>,
    hearing: RwSignal<Hearing>,
}

impl Live {
    /// Nothing is heard until [`Live::listen`].
    pub(crate) fn new() -> Self {
        Self { page: RwSignal::new(0), frame: RwSignal::new(0), hearing: RwSignal::new(Hearing::Nothing) }
    }

    /// Calls `again` whenever the page must be read again.
    pub(crate) fn on_page(self, again: impl Fn() + 'static) {
        on_move(self.page, again);
    }

    /// Calls `again` whenever the frame must be.
    pub(crate) fn on_frame(self, again: impl Fn() + 'static) {
        on_move(self.frame, again);
    }

    /// The last reading failed: what is shown is what was read before.
    pub(crate) fn lost(self) {
        if self.hearing.get_untracked() == Hearing::Live {
            self.hearing.set(Hearing::Lost);
        }
    }

    /// Listens for `topic` as long as there is one.
    pub(crate) fn listen(self, topic: Memo<Option<Topic>>) {
        let (attempt, failures) = (RwSignal::new(0_u32), StoredValue::new(0_u32));
        let (silence, absence) = (StoredValue::new(0_u32), StoredValue::new(0_u32));
        let (is_here, is_online) = (RwSignal::new(true), RwSignal::new(true));
        let gather = Gather::new(self);
        let on = move |heard: Heard| {
            silence.set_value(0);
            match heard {
                Heard::Beat => {}
                Heard::Here => {
                    failures.set_value(0);
                    self.hearing.set(Hearing::Live);
                    gather.moved(true);
                }
                Heard::Page => gather.moved(true),
                Heard::Frame => gather.moved(false),
                Heard::Lost => self.hearing.set(Hearing::Lost),
                Heard::Closed => {
                    self.hearing.set(Hearing::Lost);
                    // Perhaps the session is over: reading the page tells.
                    gather.moved(true);
                    let failed = failures.get_value();
                    failures.set_value(failed.saturating_add(1));
                    set_timeout(move || attempt.update(|n| *n += 1), Duration::from_secs(2 << failed.min(4)));
                }
            }
        };
        Effect::new(move |before: Option<Option<Source>>| {
            // The old one goes first: a browser opens few connections to one host.
            if let Some(before) = before.flatten() {
                before.close();
            }
            attempt.track();
            silence.set_value(0);
            let (is_here, is_online) = (is_here.get(), is_online.get());
            let Some(topic) = topic.get() else {
                self.hearing.set(Hearing::Nothing);
                return None;
            };
            if !(is_here && is_online) {
                self.hearing.set(if is_online { Hearing::Away } else { Hearing::Lost });
                return None;
            }
            open(&format!("/live?of={topic}"), on)
        });
        every(TICK, move || {
            silence.update_value(|n| *n += 1);
            absence.update_value(|n| *n += 1);
            if absence.get_value() >= AWAY && is_here.get_untracked() {
                is_here.set(false);
            } else if silence.get_value() >= SILENT && self.hearing.get_untracked() == Hearing::Live {
                self.hearing.set(Hearing::Lost);
                attempt.update(|n| *n += 1);
            }
        });
        // A browser that knows it has no network need not wait for silence.
        for (name, now) in [("offline", false), ("online", true)] {
            on_window(name, move || is_online.set(now));
        }
        watch_presence(move |is_shown| {
            absence.set_value(0);
            if is_here.get_untracked() != is_shown {
                is_here.set(is_shown);
            }
        });
    }

    /// The state in words, beside "as of".
    pub(crate) fn said(self) -> impl IntoView {
        move || match self.hearing.get() {
            Hearing::Nothing => ().into_any(),
            Hearing::Live => line("Live", Tone::Ok),
            Hearing::Lost => line("Reconnecting…", Tone::Unknown),
            Hearing::Away => line("Paused while you are away", Tone::Neutral),
        }
    }
}

fn line(words: &'static str, tone: Tone) -> AnyView {
    view! { <span class="hearing" data-hearing=words>{icon(Icon::of(tone))} {words}</span> }.into_any()
}

fn on_move(moves: RwSignal<u32>, again: impl Fn() + 'static) {
    Effect::new(move |before: Option<u32>| {
        let now = moves.get();
        if before.is_some_and(|before| before != now) {
            again();
        }
        now
    });
}

/// Makes one reading of what happens within a moment.
#[derive(Clone, Copy)]
struct Gather {
    live: Live,
    is_waiting: StoredValue<bool>,
    /// What has moved since: the page, or only the frame.
    next: StoredValue<Option<bool>>,
}

impl Gather {
    fn new(live: Live) -> Self {
        Self { live, is_waiting: StoredValue::new(false), next: StoredValue::new(None) }
    }

    fn moved(self, page: bool) {
        if self.is_waiting.get_value() {
            self.next.update_value(|next| *next = Some(page || next.unwrap_or(false)));
            return;
        }
        if page {
            self.live.page.update(|n| *n = n.wrapping_add(1));
        }
        self.live.frame.update(|n| *n = n.wrapping_add(1));
        self.is_waiting.set_value(true);
        set_timeout(
            move || {
                self.is_waiting.set_value(false);
                let next = self.next.get_value();
                self.next.set_value(None);
                if let Some(page) = next {
                    self.moved(page);
                }
            },
            GATHER,
        );
    }
}

/// As long as the frame is there, in the browser only.
fn every(time: Duration, act: impl Fn() + Clone + 'static) {
    Effect::new(move |_| {
        if let Ok(interval) = set_interval_with_handle(act.clone(), time) {
            on_cleanup(move || interval.clear());
        }
    });
}

/// Says whether the page is shown, at every sign of a person.
fn watch_presence(act: impl Fn(bool) + Clone + 'static) {
    for sign in ["visibilitychange", "pointermove", "pointerdown", "keydown", "scroll", "focus"] {
        let act = act.clone();
        on_window(sign, move || act(!document().hidden()));
    }
}

fn on_window(event: &'static str, act: impl Fn() + Clone + 'static) {
    Effect::new(move |_| {
        let act = act.clone();
        let listener = window_event_listener_untyped(event, move |_| act());
        on_cleanup(move || listener.remove());
    });
}
