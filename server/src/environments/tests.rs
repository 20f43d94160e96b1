//! What is held of which environment.

#![expect(clippy::unwrap_used, reason = "tests")]
use super::Environments;
use gatehouse_domain::EnvironmentName;

fn names(all: &[(&str, &str)]) -> std::collections::BTreeMap<EnvironmentName, String> {
    all.iter().map(|(name, address)| (name.parse().unwrap(), (*address).to_owned())).collect()
}

#[test]
fn what_is_held_stays_with_its_address_and_goes_with_its_environment() {
    let environments = Environments::default();
    let [staging, dev]: [EnvironmentName; 2] = ["staging", "dev"].map(|name| name.parse().unwrap());
    assert!(environments.snapshot(&staging).is_none());
    environments.hold(names(&[("staging", "https://a"), ("dev", "https://b")]));
    let (first, other) = (environments.snapshot(&staging).unwrap(), environments.snapshot(&dev).unwrap());
    environments.hold(names(&[("staging", "https://a"), ("dev", "https://c")]));
    assert!(std::sync::Arc::ptr_eq(&first, &environments.snapshot(&staging).unwrap()), "same name, same address");
    assert!(!std::sync::Arc::ptr_eq(&other, &environments.snapshot(&dev).unwrap()), "another cluster begins empty");
    environments.hold(names(&[("dev", "https://c")]));
    assert!(environments.snapshot(&staging).is_none());
}
