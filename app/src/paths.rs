//! Where is everything? Every address that a page links to, and the trail that leads to it.

use crate::audit::shape::AuditFilter;
use crate::changes::shape::ChangeFilter;
use crate::pipelines::dora::shape::DoraFilter;
use crate::pipelines::releases::shape::ReleaseFilter;
use crate::pipelines::shape::RunFilter;
use crate::services::shape::ServiceFilter;

/// What needs you.
#[must_use]
pub fn home() -> String {
    "/".to_owned()
}

/// What each service does in each environment, filtered.
#[must_use]
pub fn services(filter: &ServiceFilter) -> String {
    let ServiceFilter { q, team, sort, after } = filter;
    with_query("/services", &[("q", q), ("team", team), ("sort", sort), ("after", after)])
}

/// One service.
#[must_use]
pub fn service(name: &str) -> String {
    format!("/services/{}", escape(name))
}

/// All changes, filtered.
#[must_use]
pub fn changes(filter: &ChangeFilter) -> String {
    with_query("/changes", &[("state", &filter.state), ("service", &filter.service), ("after", &filter.after)])
}

/// One change.
#[must_use]
pub fn change(number: &str) -> String {
    format!("/changes/{}", escape(number))
}

/// How signatures are given.
#[must_use]
pub fn habits() -> String {
    "/changes/habits".to_owned()
}

/// The same for data protection.
#[must_use]
pub fn data_change(number: &str) -> String {
    format!("/changes/{}/data", escape(number))
}

/// When nothing goes out.
#[must_use]
pub fn freezes() -> String {
    "/changes/freezes".to_owned()
}

/// Every environment.
#[must_use]
pub fn environments() -> String {
    "/environments".to_owned()
}

/// One environment; `after` is where a page of its workloads begins.
#[must_use]
pub fn environment(name: &str, after: &str) -> String {
    let after = (!after.is_empty()).then(|| after.to_owned());
    with_query(&format!("/environments/{}", escape(name)), &[("after", &after)])
}

/// Every incident.
#[must_use]
pub fn incidents() -> String {
    "/alerts".to_owned()
}

/// One incident.
#[must_use]
pub fn incident(id: &str) -> String {
    format!("/alerts/{}", escape(id))
}

/// All runs, filtered.
#[must_use]
pub fn runs(filter: &RunFilter) -> String {
    with_query(
        "/pipelines",
        &[
            ("service", &filter.service),
            ("state", &filter.state),
            ("branch", &filter.branch),
            ("find", &filter.find),
            ("after", &filter.after),
        ],
    )
}

/// How releases go.
#[must_use]
pub fn dora(filter: &DoraFilter) -> String {
    with_query("/pipelines/dora", &[("service", &filter.service), ("days", &filter.days)])
}

/// One run.
#[must_use]
pub fn run(id: &str) -> String {
    format!("/pipelines/{}", escape(id))
}

/// The caller's keys.
#[must_use]
pub fn keys() -> String {
    "/keys".to_owned()
}

/// Who is admitted, and what waits for endorsements.
#[must_use]
pub fn people() -> String {
    "/people".to_owned()
}

/// One request for a key or a role.
#[must_use]
pub fn request(id: &str) -> String {
    format!("/people/requests/{}", escape(id))
}

/// The caller's machine tokens.
#[must_use]
pub fn tokens() -> String {
    "/keys/tokens".to_owned()
}

/// What programs can ask, to read.
#[must_use]
pub fn api_docs() -> String {
    "/api/docs".to_owned()
}

/// Somebody's sessions; the caller's own without a person.
#[must_use]
pub fn sessions(person: Option<&str>) -> String {
    with_query("/sessions", &[("person", &person.map(str::to_owned))])
}

/// Whether an environment keeps what it was promised to keep.
#[must_use]
pub fn rails(environment: &str) -> String {
    format!("/environments/{}/rails", escape(environment))
}

/// An environment beside the one that it mirrors.
#[must_use]
pub fn parity(environment: &str) -> String {
    format!("/environments/{}/parity", escape(environment))
}

/// What lies in the registry, filtered.
#[must_use]
pub fn releases(filter: &ReleaseFilter) -> String {
    with_query("/pipelines/releases", &[("service", &filter.service), ("only", &filter.only), ("after", &filter.after)])
}

/// The rules in force, and what is proposed instead.
#[must_use]
pub fn policy() -> String {
    "/policy".to_owned()
}

/// The audit log, filtered.
#[must_use]
pub fn audit(filter: &AuditFilter) -> String {
    with_query(
        "/audit",
        &[
            ("act", &filter.act),
            ("actor", &filter.actor),
            ("about", &filter.about),
            ("since", &filter.since),
            ("until", &filter.until),
            ("before", &filter.before),
        ],
    )
}

/// The sign-in page.
#[must_use]
pub fn signin() -> String {
    "/signin".to_owned()
}

/// Begins to sign in; `to` is the path to come back to.
#[must_use]
pub fn login(to: &str) -> String {
    with_query("/auth/login", &[("to", &Some(to.to_owned()))])
}

/// Ends the session (POST).
#[must_use]
pub fn logout() -> String {
    "/auth/logout".to_owned()
}

/// Where a path lies: the section's name and address, and what is open in it.
#[must_use]
pub fn trail(path: &str) -> Vec<(String, String)> {
    let mut parts = path.trim_matches('/').splitn(2, '/');
    let section = match parts.next() {
        Some("") | None => ("Home".to_owned(), home()),
        Some("changes") => ("Changes".to_owned(), changes(&ChangeFilter::default())),
        Some("services") => ("Services".to_owned(), services(&ServiceFilter::default())),
        Some("environments") => ("Environments".to_owned(), environments()),
        Some("alerts") => ("Incidents".to_owned(), incidents()),
        Some("pipelines") => ("Pipelines".to_owned(), runs(&RunFilter::default())),
        Some("people") => ("People".to_owned(), people()),
        Some("keys") => ("Keys".to_owned(), keys()),
        Some("sessions") => ("Sessions".to_owned(), sessions(None)),
        Some("policy") => ("Policy".to_owned(), policy()),
        Some("audit") => ("Audit".to_owned(), audit(&AuditFilter::default())),
        Some("signin") => ("Sign in".to_owned(), signin()),
        Some(_) => return vec![("Not found".to_owned(), path.to_owned())],
    };
    if let Some((number, "data")) =
        path.strip_prefix("/changes/").and_then(|open| open.trim_end_matches('/').split_once('/'))
    {
        let for_data = ("For data protection".to_owned(), path.to_owned());
        return vec![section, (number.to_owned(), format!("/changes/{number}")), for_data];
    }
    if let Some((name, of)) =
        path.strip_prefix("/environments/").and_then(|open| open.trim_end_matches('/').split_once('/'))
    {
        let page = match of {
            "rails" => "Guard rails",
            "parity" => "Parity",
            _ => return vec![("Not found".to_owned(), path.to_owned())],
        };
        return vec![section, (name.to_owned(), environment(name, "")), (page.to_owned(), path.to_owned())];
    }
    let is_incident = section.1 == incidents();
    let name = |open: &str| match open {
        _ if is_incident => "An incident".to_owned(),
        "tokens" => "Machine tokens".to_owned(),
        "habits" => "How signatures are given".to_owned(),
        "freezes" => "Freezes".to_owned(),
        "dora" => "How releases go".to_owned(),
        "releases" => "Releases".to_owned(),
        // A request's id says nothing to anybody.
        request if request.starts_with("requests/") => "A request".to_owned(),
        number => number.to_owned(),
    };
    std::iter::once(section).chain(parts.next().map(|open| (name(open), path.to_owned()))).collect()
}

fn with_query(path: &str, pairs: &[(&str, &Option<String>)]) -> String {
    let query: Vec<_> = pairs
        .iter()
        .filter_map(|(name, value)| value.as_ref().filter(|v| !v.is_empty()).map(|v| format!("{name}={}", escape(v))))
        .collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// Percent-encodes all but the unreserved characters of RFC 3986, so that a value stays one value.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path() {
        let some = |text: &str| Some(text.to_owned());
        let changes_of = |state, service, after| changes(&ChangeFilter { state, service, after });
        let all = [
            home(),
            changes_of(None, None, None),
            changes_of(some("held"), some("score-api"), some("CHG-2026-000001")),
            changes_of(some(""), None, None),
            change("CHG-2026-000001"),
            change("../audit?x"),
            habits(),
            data_change("CHG-2026-000001"),
            freezes(),
            services(&ServiceFilter { team: some("a b"), ..ServiceFilter::default() }),
            service("../x"),
            environments(),
            environment("staging", ""),
            incidents(),
            incident("0189-x/y"),
            runs(&RunFilter::default()),
            runs(&RunFilter { state: some("waiting"), branch: some("release/0 x"), ..RunFilter::default() }),
            dora(&DoraFilter::default()),
            dora(&DoraFilter { service: some("score-api"), days: some("90") }),
            run("17/../x"),
            people(),
            request("0189-x/y"),
            keys(),
            sessions(None),
            sessions(some("E-1001").as_deref()),
            rails("a/b"),
            parity("staging"),
            releases(&ReleaseFilter::default()),
            releases(&ReleaseFilter { service: some("a b"), only: some("moved"), after: some("1.x/y") }),
            policy(),
            audit(&AuditFilter::default()),
            audit(&AuditFilter {
                act: some("changes.approved"),
                actor: some("E-1001"),
                about: None,
                since: some("2026-11-22T14:00"),
                until: None,
                before: some("9 1"),
            }),
            signin(),
            login("/changes?state=held"),
            logout(),
        ];
        assert_eq!(
            all.join("\n"),
            "/\n\
             /changes\n\
             /changes?state=held&service=score-api&after=CHG-2026-000001\n\
             /changes\n\
             /changes/CHG-2026-000001\n\
             /changes/..%2Faudit%3Fx\n\
             /changes/habits\n\
             /changes/CHG-2026-000001/data\n\
             /changes/freezes\n\
             /services?team=a%20b\n\
             /services/..%2Fx\n\
             /environments\n\
             /environments/staging\n\
             /alerts\n\
             /alerts/0189-x%2Fy\n\
             /pipelines\n\
             /pipelines?state=waiting&branch=release%2F0%20x\n\
             /pipelines/dora\n\
             /pipelines/dora?service=score-api&days=90\n\
             /pipelines/17%2F..%2Fx\n\
             /people\n\
             /people/requests/0189-x%2Fy\n\
             /keys\n\
             /sessions\n\
             /sessions?person=E-1001\n\
             /environments/a%2Fb/rails\n\
             /environments/staging/parity\n\
             /pipelines/releases\n\
             /pipelines/releases?service=a%20b&only=moved&after=1.x%2Fy\n\
             /policy\n\
             /audit\n\
             /audit?act=changes.approved&actor=E-1001&since=2026-11-22T14%3A00&before=9%201\n\
             /signin\n\
             /auth/login?to=%2Fchanges%3Fstate%3Dheld\n\
             /auth/logout"
        );
    }

    #[test]
    fn a_trail_leads_back_to_its_section() {
        let trail =
            |path| trail(path).into_iter().map(|(name, to)| format!("{name} {to}")).collect::<Vec<_>>().join(" > ");
        assert_eq!(trail("/"), "Home /");
        assert_eq!(trail("/changes"), "Changes /changes");
        assert_eq!(trail("/changes/CHG-2026-000001"), "Changes /changes > CHG-2026-000001 /changes/CHG-2026-000001");
        assert_eq!(
            trail("/changes/CHG-2026-000001/data"),
            "Changes /changes > CHG-2026-000001 /changes/CHG-2026-000001 > For data protection /changes/CHG-2026-000001/data"
        );
        assert_eq!(trail("/people/requests/0189"), "People /people > A request /people/requests/0189");
        assert_eq!(trail("/pipelines/releases"), "Pipelines /pipelines > Releases /pipelines/releases");
        assert_eq!(
            trail("/environments/staging/rails"),
            "Environments /environments > staging /environments/staging > Guard rails /environments/staging/rails"
        );
        assert_eq!(trail("/policy"), "Policy /policy");
        assert_eq!(trail("/keys/tokens"), "Keys /keys > Machine tokens /keys/tokens");
        assert_eq!(trail("/no/such"), "Not found /no/such");
    }
}
