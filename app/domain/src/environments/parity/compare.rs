//! Two clusters, side by side.

use super::super::facts::Cluster;
use super::super::gap::{Gap, as_of, gaps, may_be_left_out, was_read};
use super::Aspect;
use super::declaration::{Declaration, Explained, LeftOut};
use super::fields::{self, Fields};
use crate::tone::Tone;
use crate::{DateTime, Utc};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the whole of an object is called where a field would stand.
const WHOLE: &str = "the whole of it";
const HERE: &str = "is there";

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The one that mirrors.
    Left,
    /// The one that is mirrored.
    Right,
}

/// Something that is not equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// `namespace/name`, or a group of nodes.
    pub object: String,
    /// Which field of it.
    pub field: String,
    /// What it is on the left; `None`: not set, or not there.
    pub left: Option<String>,
    /// And on the right.
    pub right: Option<String>,
    /// Who explained it; without that it is a finding.
    pub explained: Option<Why>,
    /// An explanation that would have been about it and is over.
    pub expired: Option<Why>,
}

/// Why something differs, by somebody's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// In words.
    pub why: String,
    /// The last day on which it counts.
    pub until: NaiveDate,
}

/// What can be said of an aspect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything was looked at, and is equal.
    Equal,
    /// Everything was looked at, and whatever differs is explained.
    Explained,
    /// Something differs, and nobody explained it.
    Differs,
    /// No difference is known, but not everything could be looked at.
    CouldNotTell,
}

impl Verdict {
    /// How it is shown.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Equal => Tone::Ok,
            Self::Explained => Tone::Neutral,
            Self::Differs => Tone::Bad,
            Self::CouldNotTell => Tone::Unknown,
        }
    }

    /// In a word or two.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Explained => "explained",
            Self::Differs => "differs",
            Self::CouldNotTell => "could not tell",
        }
    }
}

/// What was found out about an aspect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compared {
    /// Which.
    pub aspect: Aspect,
    /// Whether it is equal.
    pub verdict: Verdict,
    /// What is not.
    pub differences: Vec<Difference>,
    /// How many objects there are on either side or both.
    pub objects: usize,
    /// When both sides were last whole.
    pub as_of: Option<DateTime<Utc>>,
    /// What could not be looked at, and where.
    pub gaps: Vec<(Side, Gap)>,
}

/// An explanation that does nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stale {
    /// The explanation.
    pub explained: Explained,
    /// It is over. Otherwise it fits no difference.
    pub is_over: bool,
}

/// Two environments, compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The one that mirrors.
    pub left: String,
    /// The one that is mirrored.
    pub right: String,
    /// Every declared aspect.
    pub aspects: Vec<Compared>,
    /// What is not compared, and why.
    pub left_out: Vec<LeftOut>,
    /// Explanations that explain nothing.
    pub stale: Vec<Stale>,
}

impl Comparison {
    /// What differs and nobody explained.
    pub fn findings(&self) -> impl Iterator<Item = (Aspect, &Difference)> {
        let all = self.aspects.iter().flat_map(|it| it.differences.iter().map(|difference| (it.aspect, difference)));
        all.filter(|(_, difference)| difference.explained.is_none())
    }
}

/// Compares `left`, which is said to mirror `right`. `is_ours` says which namespaces are compared.
#[must_use]
pub fn compare(
    (left_name, left): (&str, &Cluster),
    (right_name, right): (&str, &Cluster),
    declaration: &Declaration,
    is_ours: &dyn Fn(&str) -> bool,
    now: DateTime<Utc>,
) -> Comparison {
    let explanations: Vec<&Explained> = declaration.between(left_name, right_name).collect();
    let mut fitting = BTreeSet::new();
    let mut aspects = Vec::new();
    for aspect in declaration.declared() {
        let can_be_compared = aspect.needs().iter().all(|kind| was_read(left, *kind) && was_read(right, *kind));
        let read = |cluster| {
            let mut all = if can_be_compared { fields::of(cluster, aspect, is_ours) } else { BTreeMap::new() };
            all.retain(|object, _| !declaration.leaves_out(aspect, object));
            all
        };
        let (here, there) = (read(left), read(right));
        let mut differences = between(aspect, &here, &there);
        // What is not there may be what could not be decoded; the gap says so.
        let is_lost = |cluster, object: &str| {
            aspect.needs().iter().any(|kind| may_be_left_out(cluster, *kind, |poison| poison == object))
        };
        differences.retain(|it| {
            let of = |value: &Option<String>, cluster| value.is_none() && is_lost(cluster, &it.object);
            it.field != WHOLE || !of(&it.left, left) && !of(&it.right, right)
        });
        for difference in &mut differences {
            let fits = explanations.iter().enumerate().filter(|(_, it)| it.fits(aspect, difference));
            for (index, it) in fits.map(|(index, it)| (index, *it)).collect::<Vec<_>>() {
                fitting.insert(index);
                let why = Why { why: it.why.clone(), until: it.until };
                let place = if it.is_over(now) { &mut difference.expired } else { &mut difference.explained };
                place.get_or_insert(why);
            }
        }
        let objects = here.keys().chain(there.keys()).collect::<BTreeSet<_>>().len();
        let of = |side, cluster| gaps(cluster, aspect.needs()).into_iter().map(move |gap| (side, gap));
        let gaps: Vec<_> = of(Side::Left, left).chain(of(Side::Right, right)).collect();
        let as_of = as_of(left, aspect.needs()).zip(as_of(right, aspect.needs())).map(|(one, other)| one.min(other));
        let verdict = match () {
            () if differences.iter().any(|difference| difference.explained.is_none()) => Verdict::Differs,
            () if !gaps.is_empty() => Verdict::CouldNotTell,
            () if differences.is_empty() => Verdict::Equal,
            () => Verdict::Explained,
        };
        aspects.push(Compared { aspect, verdict, differences, objects, as_of, gaps });
    }
    // Where something could not be looked at, an explanation may well fit what is there.
    let is_known = |aspect: Aspect| aspects.iter().any(|it| it.aspect == aspect && it.gaps.is_empty());
    let stale = |(index, it): (usize, &&Explained)| {
        let is_over = it.is_over(now);
        let is_idle =
            !fitting.contains(&index) && (is_known(it.aspect) || declaration.declared().all(|a| a != it.aspect));
        (is_over || is_idle).then(|| Stale { explained: (*it).clone(), is_over })
    };
    let stale = explanations.iter().enumerate().filter_map(stale).collect();
    let left_out = declaration.left_out().to_vec();
    Comparison { left: left_name.to_owned(), right: right_name.to_owned(), aspects, left_out, stale }
}

fn between(aspect: Aspect, left: &BTreeMap<String, Fields>, right: &BTreeMap<String, Fields>) -> Vec<Difference> {
    let mut all = Vec::new();
    for object in left.keys().chain(right.keys()).collect::<BTreeSet<_>>() {
        let mut differs = |field: &str, left: Option<String>, right: Option<String>| {
            let (object, field) = (object.clone(), field.to_owned());
            all.push(Difference { object, field, left, right, explained: None, expired: None });
        };
        match (left.get(object), right.get(object)) {
            (Some(here), Some(there)) => {
                let is_on_both = |field: &str| here.contains_key(field) && there.contains_key(field);
                let is_compared = |field: &&String| match fields::container(field) {
                    Some(container) => aspect == Aspect::Workloads || is_on_both(container),
                    None => true,
                };
                for field in here.keys().chain(there.keys()).collect::<BTreeSet<_>>().into_iter().filter(is_compared) {
                    let (here, there) = (here.get(field), there.get(field));
                    if here != there {
                        differs(field, here.cloned(), there.cloned());
                    }
                }
            }
            // A workload that is missing is said once, not once for each of its aspects.
            _ if is_part_of_a_workload(aspect) => {}
            (here, there) => differs(WHOLE, here.map(|_| HERE.to_owned()), there.map(|_| HERE.to_owned())),
        }
    }
    all
}

fn is_part_of_a_workload(aspect: Aspect) -> bool {
    aspect.needs() == Aspect::Workloads.needs() && aspect != Aspect::Workloads
}
