//! The answers, first: does it leave India, whose is it, what is new, is it kept longer?

use crate::ui::badge::badge;
use crate::ui::text::{foreign, visible};
use gatehouse_domain::changes::data::{DataReport, FactKind, Says};
use gatehouse_domain::tone::Tone;
use leptos::prelude::*;
use std::collections::BTreeSet;

/// A question, the answer in a word, and what it rests on (hostile text).
pub(crate) struct Answer {
    question: &'static str,
    says: Says,
    /// How bad a yes is.
    yes: Tone,
    because: Vec<String>,
}

/// The questions of whoever answers for people's data, weightiest first.
pub(crate) fn answers(report: &DataReport) -> Vec<Answer> {
    let fact = |question, kind| {
        let come = report.facts.iter().filter(|fact| fact.kind == kind);
        let because = come.flat_map(|fact| fact.come.iter().map(|text| format!("{text} ({})", fact.of))).collect();
        Answer { question, says: report.has_new(kind), yes: Tone::Warn, because }
    };
    let leaving = report.leaving.iter().map(|it| {
        let since = if it.already { ", as it does today" } else { "" };
        format!("{}: {}{since}", it.of, it.to)
    });
    let classes = report.classes.iter().map(|touched| {
        let places: Vec<&str> = touched.places.iter().map(String::as_str).collect();
        format!("{}: {}", touched.class, places.join(", "))
    });
    let longer = report.facts.iter().filter(|fact| fact.kind == FactKind::Retention).map(|fact| {
        let list = |texts: &BTreeSet<String>| texts.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let (gone, come) = (list(&fact.gone), list(&fact.come));
        match (gone.is_empty(), come.is_empty()) {
            (true, _) => format!("{}: {come}, for the first time", fact.of),
            (_, true) => format!("{}: it was {gone}, and no file says any more", fact.of),
            _ => format!("{}: {come} instead of {gone}", fact.of),
        }
    });
    vec![
        Answer {
            question: "Does data leave India?",
            says: report.leaves_india(),
            yes: Tone::Bad,
            because: leaving.collect(),
        },
        Answer {
            question: "Is personal data touched?",
            says: report.touches_people(),
            yes: Tone::Warn,
            because: classes.collect(),
        },
        fact("Is there a new purpose?", FactKind::Purpose),
        fact("Does somebody new get it?", FactKind::Recipient),
        Answer {
            question: "Is anything kept longer?",
            says: report.keeps_longer(),
            yes: Tone::Warn,
            because: longer.collect(),
        },
    ]
}

/// The word and its tone. A *no* rests on everything having been read.
pub(crate) fn word(answer: &Answer) -> (&'static str, Tone) {
    match answer.says {
        Says::Yes => ("Yes", answer.yes),
        Says::No => ("No", Tone::Ok),
        Says::CannotTell => ("Could not tell", Tone::Unknown),
    }
}

/// The list.
pub(crate) fn short(report: &DataReport) -> impl IntoView + use<> {
    let rows = answers(report).iter().map(row).collect_view();
    let people = if report.people.is_empty() {
        view! { <span class="dim">"The names of tables and columns do not say."</span> }.into_any()
    } else {
        let list: Vec<&str> = report.people.iter().map(String::as_str).collect();
        foreign(&list.join(", ")).into_any()
    };
    view! {
        <dl class="answers">
            {rows}
            <div class="answer"><dt>"Whose data is it?"</dt><dd>{people}</dd></div>
        </dl>
    }
    .into_any()
}

fn row(answer: &Answer) -> impl IntoView + use<> {
    let (word, tone) = word(answer);
    let because = match answer.says {
        Says::No => vec!["Every file that says something about data was read, and none says so.".to_owned()],
        Says::CannotTell if answer.because.is_empty() => {
            vec!["What could be read does not say so; not everything could be read.".to_owned()]
        }
        _ => answer.because.clone(),
    };
    let lines = because.iter().map(|line| view! { <div>{visible(line)}</div> }).collect_view();
    view! {
        <div class="answer">
            <dt>{answer.question}</dt>
            <dd>{badge(word, tone)} <div class="answer-because hint"><bdi>{lines}</bdi></div></dd>
        </div>
    }
    .into_any()
}
