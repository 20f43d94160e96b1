//! A stream of the server's notices (`EventSource`), which the browser opens again by itself where it can.

/// What came.
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser hears"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The stream is open.
    Here,
    /// It still is.
    Beat,
    /// The page has moved.
    Page,
    /// Only what frames it has.
    Frame,
    /// The connection broke; the browser tries again.
    Lost,
    /// The stream was refused; the browser does not try again.
    Closed,
}

pub(crate) use browser::{Source, open};

#[cfg(feature = "hydrate")]
mod browser {
    use super::Heard;
    use wasm_bindgen::JsCast;
    use wasm_bindgen::closure::Closure;
    use web_sys::{Event, EventSource};

    /// An open stream; dropping it closes it.
    pub(crate) struct Source {
        source: EventSource,
        _listeners: Vec<Closure<dyn FnMut(Event)>>,
    }

    impl Source {
        /// Closes it now.
        pub(crate) fn close(self) {}
    }

    impl Drop for Source {
        fn drop(&mut self) {
            self.source.close();
        }
    }

    /// Opens a stream; `None` where the browser has none.
    pub(crate) fn open(url: &str, on: impl Fn(Heard) + Copy + 'static) -> Option<Source> {
        let source = EventSource::new(url).ok()?;
        let mut listeners = Vec::new();
        for (name, heard) in
            [("here", Heard::Here), ("beat", Heard::Beat), ("page", Heard::Page), ("frame", Heard::Frame)]
        {
            listeners.push(listener(&source, name, move |_: &EventSource| on(heard))?);
        }
        listeners.push(listener(&source, "error", move |source| {
            on(if source.ready_state() == EventSource::CLOSED { Heard::Closed } else { Heard::Lost });
        })?);
        Some(Source { source, _listeners: listeners })
    }

    fn listener(
        source: &EventSource,
        name: &str,
        act: impl Fn(&EventSource) + 'static,
    ) -> Option<Closure<dyn FnMut(Event)>> {
        let of = source.clone();
        let closure = Closure::<dyn FnMut(Event)>::new(move |_| act(&of));
        source.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref()).ok()?;
        Some(closure)
    }
}

#[cfg(not(feature = "hydrate"))]
mod browser {
    use super::Heard;

    /// The server renders pages and listens to nothing.
    pub(crate) struct Source;

    impl Source {
        pub(crate) fn close(self) {}
    }

    pub(crate) fn open(_url: &str, _on: impl Fn(Heard) + Copy + 'static) -> Option<Source> {
        None
    }
}
