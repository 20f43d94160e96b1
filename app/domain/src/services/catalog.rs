//! A service's entry in `catalog-info.yaml`: owner, tier, runbook, who is called.
//!
//! Format: [Backstage's descriptor](https://backstage.io/docs/features/software-catalog/descriptor-format), entities
//! of kind `Component`. Fields that we do not know are left alone; nothing is required but a name and an owner. All of it
//! is a stranger's text: an address is taken only when it is plain HTTPS.

use serde_json::Value;

/// What a descriptor says of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// `spec.owner`, without `group:default/`.
    pub owner: String,
    /// `metadata.description`.
    pub description: Option<String>,
    /// `spec.lifecycle`.
    pub lifecycle: Option<String>,
    /// `spec.system`.
    pub system: Option<String>,
    /// `metadata.labels.tier` or an annotation that ends in `/tier`; `spec.tier` where a catalogue has that.
    pub tier: Option<String>,
    /// From the annotations of PagerDuty and Opsgenie: a service's or team's name, never an integration key.
    pub on_call: Option<String>,
    /// `metadata.links`, HTTPS only: title and address.
    pub links: Vec<(String, String)>,
    /// `spec.dependsOn` and `spec.consumesApis`, without their namespaces.
    pub depends_on: Vec<String>,
}

/// What an owner writes is short; more is no title.
const LONGEST: usize = 300;
/// Nobody reads more links.
const LINKS: usize = 12;

/// The entry of the Component `service` among these documents.
///
/// # Errors
/// Why there is none, in a sentence.
pub fn entry(documents: &[Value], service: &str) -> Result<Entry, &'static str> {
    let mut found = documents.iter().filter(|it| is_component(it) && text(it, &["metadata", "name"]) == Some(service));
    let Some(it) = found.next() else { return Err("No Component of this name is in its catalogue file.") };
    if found.next().is_some() {
        return Err("Its catalogue file has two Components of this name; nobody can tell which one counts.");
    }
    let owner = text(it, &["spec", "owner"]).ok_or("Its catalogue entry names no owner.")?;
    Ok(Entry {
        owner: plain(owner),
        description: text(it, &["metadata", "description"]).map(cut),
        lifecycle: text(it, &["spec", "lifecycle"]).map(cut),
        system: text(it, &["spec", "system"]).map(plain),
        tier: tier(it),
        on_call: on_call(it),
        links: links(it),
        depends_on: ["dependsOn", "consumesApis"].into_iter().flat_map(|key| list(it, key)).collect(),
    })
}

fn is_component(it: &Value) -> bool {
    text(it, &["kind"]) == Some("Component")
        && text(it, &["apiVersion"]).is_some_and(|version| version.starts_with("backstage.io/"))
}

fn text<'a>(it: &'a Value, path: &[&str]) -> Option<&'a str> {
    path.iter().try_fold(it, |at, key| at.get(key))?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// An entity reference, `[kind:][namespace/]name`, as people say it.
fn plain(reference: &str) -> String {
    let named = reference.rsplit_once(':').map_or(reference, |(_, rest)| rest);
    cut(named.strip_prefix("default/").unwrap_or(named))
}

fn annotations(it: &Value) -> impl Iterator<Item = (&str, &str)> {
    let all = it.get("metadata").and_then(|metadata| metadata.get("annotations")).and_then(Value::as_object);
    all.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
}

fn tier(it: &Value) -> Option<String> {
    let label =
        it.get("metadata")?.get("labels").and_then(|labels| labels.get("tier")).or_else(|| it.get("spec")?.get("tier"));
    let said = match label {
        Some(Value::String(tier)) => Some(cut(tier)),
        Some(Value::Number(tier)) => Some(tier.to_string()),
        _ => None,
    };
    said.or_else(|| annotations(it).find(|(key, _)| key.ends_with("/tier")).map(|(_, tier)| cut(tier)))
}

fn on_call(it: &Value) -> Option<String> {
    let of = |wanted: &str| annotations(it).find(|(key, _)| *key == wanted).map(|(_, value)| cut(value));
    let pagerduty = of("pagerduty.com/service-id").map(|id| format!("PagerDuty service {id}"));
    pagerduty.or_else(|| of("opsgenie.com/team").map(|team| format!("Opsgenie team {team}")))
}

fn links(it: &Value) -> Vec<(String, String)> {
    let all = it.get("metadata").and_then(|metadata| metadata.get("links")).and_then(Value::as_array);
    let link = |link: &Value| {
        let address = text(link, &["url"]).filter(|address| is_https(address))?;
        Some((cut(text(link, &["title"]).unwrap_or(address)), address.to_owned()))
    };
    all.into_iter().flatten().filter_map(link).take(LINKS).collect()
}

/// Plain HTTPS without a user's name in it, which would make another host look like the first one.
fn is_https(address: &str) -> bool {
    address.len() <= 2_000
        && address.strip_prefix("https://").is_some_and(|rest| {
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            !host.is_empty() && !host.contains('@') && !host.contains('\\')
        })
        && address.bytes().all(|byte| byte.is_ascii_graphic())
}

fn list(it: &Value, key: &str) -> Vec<String> {
    let all = it.get("spec").and_then(|spec| spec.get(key)).and_then(Value::as_array);
    all.into_iter().flatten().filter_map(Value::as_str).take(50).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn component() -> Value {
        json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": "Component",
            "metadata": {
                "name": "score-api", "description": "Answers a lender with a score.", "labels": { "tier": "1" },
                "annotations": { "pagerduty.com/service-id": "PSCORE1", "pagerduty.com/integration-key": "s3cret" },
                "links": [
                    { "url": "https://runbooks.altscore.example/score-api", "title": "Runbook" },
                    { "url": "javascript:alert(1)", "title": "Runbook" },
                    { "url": "https://runbooks.altscore.example@evil.example/", "title": "Runbook" },
                ],
            },
            "spec": {
                "type": "service", "lifecycle": "production", "owner": "group:default/scoring", "system": "scoring",
                "dependsOn": ["component:default/scoring-engine", "resource:scores-db"],
            },
        })
    }

    #[test]
    fn an_entry_is_read_as_backstage_writes_it() -> Result<(), &'static str> {
        let other =
            json!({ "apiVersion": "backstage.io/v1alpha1", "kind": "System", "metadata": { "name": "score-api" } });
        let entry = entry(&[other, component()], "score-api")?;
        assert_eq!((entry.owner.as_str(), entry.tier.as_deref()), ("scoring", Some("1")));
        assert_eq!(entry.on_call.as_deref(), Some("PagerDuty service PSCORE1"));
        assert_eq!(entry.depends_on, ["scoring-engine", "scores-db"]);
        assert_eq!(entry.links, [("Runbook".to_owned(), "https://runbooks.altscore.example/score-api".to_owned())]);
        assert!(!format!("{entry:?}").contains("s3cret"), "an integration key is shown");
        Ok(())
    }

    #[test]
    fn what_is_not_there_twice_or_without_owner_is_said() {
        assert!(entry(&[], "score-api").is_err());
        assert!(entry(&[component(), component()], "score-api").is_err());
        let mut nobody = component();
        if let Some(owner) = nobody.pointer_mut("/spec/owner") {
            *owner = json!("");
        }
        assert!(entry(&[nobody], "score-api").is_err_and(|why| why.contains("owner")));
        let mut elsewhere = component();
        if let Some(version) = elsewhere.pointer_mut("/apiVersion") {
            *version = json!("example.com/v1");
        }
        assert!(entry(&[elsewhere], "score-api").is_err(), "another format is taken for Backstage's");
    }
}
