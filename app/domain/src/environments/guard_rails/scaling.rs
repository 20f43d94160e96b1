//! Is there room to grow? An autoscaler must aim at, measure and use no more than the policy's share.

use super::super::facts::{Cluster, Kind, Scaler};
use super::{Found, Rail, Rules};
use crate::tone::Tone;

pub(super) fn judge(cluster: &Cluster, rules: &Rules, found: &mut Found) {
    for scaler in cluster.scalers.values().filter(|scaler| rules.is_ours(&scaler.meta.name.namespace)) {
        found.looked(Rail::Headroom);
        let mut say = |field: &str, evidence: String, tone: Tone| {
            found.of(cluster, (Rail::Headroom, Kind::Scaler), &scaler.meta, field, evidence, tone);
        };
        utilisation(scaler, rules.headroom(), &mut say);
        replicas(scaler, rules.headroom(), &mut say);
    }
}

fn utilisation(scaler: &Scaler, most: u32, say: &mut impl FnMut(&str, String, Tone)) {
    if scaler.metrics.is_empty() {
        let evidence = "It scales by no resource, so how much of it is used could not be told.".to_owned();
        say("spec.metrics", evidence, Tone::Unknown);
    }
    for (name, wanted, measured) in &scaler.metrics {
        if let Some(wanted) = wanted.filter(|wanted| *wanted > most) {
            let evidence = format!("It lets {name} rise to {wanted} % before it scales; {most} % is the most.");
            say(&format!("spec.metrics[{name}].target.averageUtilization"), evidence, Tone::Bad);
        }
        let field = format!("status.currentMetrics[{name}].averageUtilization");
        match measured {
            Some(measured) if *measured > most => {
                say(&field, format!("{measured} % of the {name} asked for is used; {most} % is the most."), Tone::Warn);
            }
            Some(_) => {}
            None => say(
                &field,
                format!("How much {name} is used is not measured, so it cannot scale by it."),
                Tone::Unknown,
            ),
        }
    }
}

fn replicas(scaler: &Scaler, most: u32, say: &mut impl FnMut(&str, String, Tone)) {
    let (of, is) = (scaler.max, scaler.current.max(scaler.desired));
    if is >= of {
        let evidence = format!("{is} of at most {of} replicas run or are wanted: it cannot scale any further.");
        say("status.currentReplicas", evidence, Tone::Bad);
    } else if u64::from(is) * 100 > u64::from(of) * u64::from(most) {
        let evidence = format!("{is} of at most {of} replicas run or are wanted: more than {most} % of the way.");
        say("status.currentReplicas", evidence, Tone::Warn);
    }
}
