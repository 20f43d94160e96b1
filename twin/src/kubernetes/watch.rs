//! What happens from now on? One stream per watcher, woken by a number that only rises, read from the kind's tail: a slow
//! watcher gets more at once, one that is too slow is told 410, and none ever costs a copy of the cluster.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use http::header;
use serde_json::{Value, json};
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, sleep_until};

use super::kind::Kind;
use super::object::Object;
use super::read::{Query, is_true, param, partial, revision_of};
use super::refusal::Refusal;
use super::selector::Selector;
use super::store::{Event, Signal};
use super::table;
use super::{ClusterId, Shape};
use crate::state::Shared;

/// How many events are taken under one lock.
const BATCH: usize = 1_000;
const BOOKMARK_EVERY: Duration = Duration::from_secs(30);
/// Without a wish of the client's: kube-apiserver picks something above this.
const LONGEST: Duration = Duration::from_secs(1_800);

/// What is still to be sent before the live events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begin {
    /// Everything that is there; with the bookmark that says where it ends, or without.
    All {
        says_end: bool,
    },
    Nothing,
}

struct Watcher {
    shared: Shared,
    cluster: ClusterId,
    kind: Arc<Kind>,
    namespace: Option<String>,
    selector: Selector,
    shape: Shape,
    begin: Begin,
    cursor: u64,
    seen: Signal,
    signal: Receiver<Signal>,
    bookmarks: bool,
    next_bookmark: Instant,
    ends: Instant,
    is_first_table: bool,
    over: bool,
}

/// Answers a watch.
pub(super) fn answer(
    shared: &Shared,
    cluster: ClusterId,
    kind: &Arc<Kind>,
    namespace: Option<String>,
    shape: Shape,
    query: &Query,
) -> Result<Response, Refusal> {
    let selector = Selector::parse(kind, param(query, "labelSelector"), param(query, "fieldSelector"))?;
    let asked = revision_of(query)?;
    let says_end = is_true(query, "sendInitialEvents");
    let bookmarks = is_true(query, "allowWatchBookmarks");
    if says_end && (param(query, "resourceVersionMatch") != "NotOlderThan" || !bookmarks) {
        let words = "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan and allowWatchBookmarks";
        return Err(Refusal::invalid(
            kind,
            "",
            &[("sendInitialEvents".to_owned(), "FieldValueForbidden", words.to_owned())],
        ));
    }
    let (seen, signal) = {
        let mut model = shared.model();
        let signal = model.clusters.get_mut(cluster).store.subscribe(&kind.id());
        let seen = *signal.borrow();
        (seen, signal)
    };
    let begin = if says_end || asked.unwrap_or_default() == 0 { Begin::All { says_end } } else { Begin::Nothing };
    let wish = param(query, "timeoutSeconds").parse().ok().filter(|seconds| *seconds > 0).map(Duration::from_secs);
    let now = Instant::now();
    let watcher = Watcher {
        shared: shared.clone(),
        cluster,
        kind: kind.clone(),
        namespace,
        selector,
        shape,
        begin,
        cursor: asked.unwrap_or_default(),
        seen,
        signal,
        bookmarks,
        next_bookmark: now + BOOKMARK_EVERY,
        ends: now + wish.unwrap_or(LONGEST),
        is_first_table: true,
        over: false,
    };
    let body = Body::from_stream(watcher.stream());
    let kind = if shape == Shape::Table {
        "application/json;stream=watch;as=Table;g=meta.k8s.io;v=v1"
    } else {
        "application/json"
    };
    Ok(([(header::CONTENT_TYPE, kind)], body).into_response())
}

/// What the watcher does next.
enum Step {
    Send(Vec<u8>),
    Break,
    End,
}

impl Watcher {
    fn stream(self) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
        futures::stream::unfold(self, |mut watcher| async move {
            if watcher.over {
                return None;
            }
            match watcher.next().await {
                Step::Send(bytes) => Some((Ok(Bytes::from(bytes)), watcher)),
                Step::Break => {
                    watcher.over = true;
                    Some((Err(std::io::Error::other("the watch is broken off")), watcher))
                }
                Step::End => None,
            }
        })
    }

    async fn next(&mut self) -> Step {
        loop {
            let now = *self.signal.borrow_and_update();
            if now.drops != self.seen.drops {
                return Step::Break;
            }
            let mut out = Vec::new();
            match self.read() {
                Ok(frames) => frames.into_iter().for_each(|(what, object)| self.frame(&mut out, what, &object)),
                Err(refusal) => {
                    self.over = true;
                    write(&mut out, "ERROR", refusal.status().to_string().as_bytes());
                }
            }
            if self.begin != Begin::Nothing {
                if self.begin == (Begin::All { says_end: true }) {
                    self.bookmark(&mut out, true);
                }
                self.begin = Begin::Nothing;
            }
            let is_asked = now.bookmarks != self.seen.bookmarks;
            self.seen = now;
            let is_over = Instant::now() >= self.ends;
            if self.bookmarks && (is_asked || is_over || Instant::now() >= self.next_bookmark) {
                self.next_bookmark = Instant::now() + BOOKMARK_EVERY;
                self.bookmark(&mut out, false);
            }
            self.over |= is_over;
            if !out.is_empty() {
                return Step::Send(out);
            }
            if self.over {
                return Step::End;
            }
            if self.cursor < now.revision {
                continue;
            }
            let bell = self.ends.min(self.next_bookmark);
            tokio::select! {
                changed = self.signal.changed() => if changed.is_err() { return Step::Break },
                () = sleep_until(bell) => {}
            }
        }
    }

    /// What is new, as this watcher may see it.
    fn read(&mut self) -> Result<VecDeque<(&'static str, Arc<Object>)>, Refusal> {
        let model = self.shared.model();
        let store = &model.clusters.get(self.cluster).store;
        let id = self.kind.id();
        if let Begin::All { .. } = self.begin {
            if self.cursor > store.revision() {
                return Err(Refusal::too_new(self.cursor, store.revision()));
            }
            self.cursor = store.revision();
            let all = store.all(&id, self.namespace.as_deref());
            return Ok(all.filter(|it| self.selector.takes(&it.value)).map(|it| ("ADDED", it.clone())).collect());
        }
        let current = store.revision();
        let events = store.since(&id, self.cursor, BATCH);
        drop(model);
        let events =
            events.map_err(|_| Refusal::expired(format!("too old resource version: {} ({current})", self.cursor)))?;
        // A tail that was read to its end says that nothing of this kind is left up to now.
        self.cursor = if events.len() < BATCH {
            self.cursor.max(current)
        } else {
            events.last().map_or(self.cursor, |event| event.revision)
        };
        Ok(events.iter().filter_map(|event| self.seen_by(event)).collect())
    }

    /// An object that comes into a selector is added, one that leaves it is deleted.
    fn seen_by(&self, event: &Event) -> Option<(&'static str, Arc<Object>)> {
        if self.namespace.as_ref().is_some_and(|namespace| *namespace != event.key.0) {
            return None;
        }
        let takes =
            |object: &Option<Arc<Object>>| object.as_ref().is_some_and(|object| self.selector.takes(&object.value));
        match (takes(&event.before), takes(&event.after)) {
            (false, false) => None,
            (false, true) => Some(("ADDED", event.after.clone()?)),
            (true, true) => Some(("MODIFIED", event.after.clone()?)),
            (true, false) => {
                // It left the selector: shown as it was, at the revision at which it left.
                let gone = |before: &Arc<Object>| Arc::new(Object::new(before.value.clone(), event.revision));
                let last = event.last.clone().or_else(|| event.before.as_ref().map(gone))?;
                Some(("DELETED", last))
            }
        }
    }

    fn frame(&mut self, out: &mut Vec<u8>, what: &str, object: &Arc<Object>) {
        match self.shape {
            Shape::Whole => write(out, what, &object.bytes()),
            Shape::Partial => write(out, what, partial(&object.value).to_string().as_bytes()),
            Shape::Table => {
                let now = self.shared.now();
                let rows = std::slice::from_ref(object);
                let mut table = table::render(&self.kind, rows, &json!({}), now);
                if !self.is_first_table {
                    super::object::set(&mut table, &["columnDefinitions"], Value::Null);
                }
                self.is_first_table = false;
                write(out, what, table.to_string().as_bytes());
            }
        }
    }

    fn bookmark(&mut self, out: &mut Vec<u8>, is_end: bool) {
        let mut metadata = json!({ "resourceVersion": self.cursor.to_string(), "creationTimestamp": null });
        if is_end {
            super::object::set(&mut metadata, &["annotations", "k8s.io/initial-events-end"], json!("true"));
        }
        let bare = json!({ "kind": self.kind.kind, "apiVersion": self.kind.api_version(), "metadata": metadata });
        let object = match self.shape {
            Shape::Whole => bare,
            Shape::Partial => partial(&bare),
            Shape::Table => table::bookmark(&self.kind, &bare),
        };
        write(out, "BOOKMARK", object.to_string().as_bytes());
    }
}

fn write(out: &mut Vec<u8>, what: &str, object: &[u8]) {
    out.extend_from_slice(b"{\"type\":\"");
    out.extend_from_slice(what.as_bytes());
    out.extend_from_slice(b"\",\"object\":");
    out.extend_from_slice(object);
    out.extend_from_slice(b"}\n");
}
