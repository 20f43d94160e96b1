//! How do the pages reach the server? Through one object that is already bound to the caller.
//!
//! `app` knows no database and no outside system. The server provides, for every request, an
//! `Arc<dyn Backend>` in Leptos context, to the page renderer and to the server-function handler
//! alike; who is calling is the backend's own knowledge, never an argument, so a page cannot ask
//! in another's name.

use crate::alerts::shape::{IncidentDone, IncidentView, IncidentWish, IncidentsView};
use crate::audit::shape::{AuditFilter, AuditPage};
use crate::changes::data::shape::DataChangeView;
use crate::changes::habits::shape::HabitsView;
use crate::changes::lane::{FreezesView, LaneWish};
use crate::changes::rollback::PlanForm;
use crate::changes::shape::{ChangeFilter, ChangePage, ChangeView, DecisionDone, DecisionRequest};
use crate::environments::parity::shape::ParityView;
use crate::environments::rails::shape::RailsView;
use crate::environments::shape::{EnvironmentView, EnvironmentsView};
use crate::error::UiError;
use crate::home::shape::HomeView;
use crate::people::sessions::shape::SessionsView;
use crate::people::shape::{
    EndorseRequest, EnrolRequest, EnrolStep, KeysView, PeopleView, RequestView, SignatureRequest,
};
use crate::people::tokens::shape::{TokenMade, TokenRequest, TokensView};
use crate::pipelines::dora::shape::{DoraFilter, DoraView};
use crate::pipelines::releases::shape::{ReleaseFilter, ReleasesView};
use crate::pipelines::shape::{RunFilter, RunPage, RunView};
use crate::policy::shape::{PolicyView, ProposalDone, ProposalRequest};
use crate::services::shape::{MatrixView, ServiceFilter, ServiceView};
use crate::shape::ShellView;
use std::future::Future;
use std::pin::Pin;

/// A boxed future, because the trait is used as an object.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, UiError>> + Send + 'a>>;

/// Everything that a page can ask or do.
pub trait Backend: Send + Sync + 'static {
    /// What frames every page: who is looking, what waits for them, whether this is a demo.
    fn shell(&self) -> Answer<'_, ShellView>;
    /// The home page.
    fn home(&self) -> Answer<'_, HomeView>;
    /// One page of the matrix of services and environments.
    fn services(&self, filter: ServiceFilter) -> Answer<'_, MatrixView>;
    /// One service; `name` as it stands in the URL.
    fn service(&self, name: String) -> Answer<'_, ServiceView>;
    /// One page of changes, newest first.
    fn changes(&self, filter: ChangeFilter) -> Answer<'_, ChangePage>;
    /// One change with everything that is signed; `number` as it stands in the URL.
    fn change(&self, number: String) -> Answer<'_, ChangeView>;
    /// How signatures were given lately; for the lead and the auditor.
    fn habits(&self) -> Answer<'_, HabitsView>;
    /// The same for data protection: what it does to people's data, in plain words.
    fn data_change(&self, number: String) -> Answer<'_, DataChangeView>;
    /// Prepares a decision: refused with all reasons, or what the key is to sign.
    fn begin_decision(&self, request: DecisionRequest) -> Answer<'_, SignatureRequest>;
    /// Takes the signed decision. `assertion` is `PublicKeyCredential.toJSON()` as text.
    fn finish_decision(&self, ceremony: String, assertion: String) -> Answer<'_, DecisionDone>;
    /// Puts another rollback plan in the place of the one that stands.
    fn edit_plan(&self, form: PlanForm) -> Answer<'_, ()>;
    /// Confirms the plan of this digest.
    fn confirm_plan(&self, number: String, plan_digest: String) -> Answer<'_, ()>;
    /// Marks the version that a change released: do not return to it.
    fn mark_version(&self, number: String, why: String) -> Answer<'_, ()>;
    /// When nothing goes out: stops that people signed, and the policy's windows.
    fn freezes(&self) -> Answer<'_, FreezesView>;
    /// Prepares an act on the lane: refused with all reasons, or what the key is to sign.
    fn begin_lane(&self, wish: LaneWish) -> Answer<'_, SignatureRequest>;
    /// Takes the signature; gives what came of it, in a sentence.
    fn finish_lane(&self, ceremony: String, assertion: String) -> Answer<'_, String>;
    /// Every environment.
    fn environments(&self) -> Answer<'_, EnvironmentsView>;
    /// One environment; its workloads from a place on.
    fn environment(&self, name: String, after: String) -> Answer<'_, EnvironmentView>;
    /// Every incident.
    fn incidents(&self) -> Answer<'_, IncidentsView>;
    /// One incident; `id` as it stands in the URL.
    fn incident(&self, id: String) -> Answer<'_, IncidentView>;
    /// Prepares a word about an incident.
    fn begin_incident(&self, wish: IncidentWish) -> Answer<'_, SignatureRequest>;
    /// Takes the signature.
    fn finish_incident(&self, ceremony: String, assertion: String) -> Answer<'_, IncidentDone>;
    /// One page of runs, newest first.
    fn runs(&self, filter: RunFilter) -> Answer<'_, RunPage>;
    /// One run with its jobs; `run` as it stands in the URL.
    fn run(&self, run: String) -> Answer<'_, RunView>;
    /// How releases go: DORA's five figures.
    fn dora(&self, filter: DoraFilter) -> Answer<'_, DoraView>;
    /// The caller's keys.
    fn keys(&self) -> Answer<'_, KeysView>;
    /// Begins to enrol a key.
    fn begin_enrol(&self, request: EnrolRequest) -> Answer<'_, SignatureRequest>;
    /// Takes the new credential; a further key then needs a signature by one that the person has.
    fn finish_enrol(&self, ceremony: String, credential: String) -> Answer<'_, EnrolStep>;
    /// Takes that signature.
    fn finish_enrol_signature(&self, ceremony: String, assertion: String) -> Answer<'_, EnrolStep>;
    /// Begins to revoke one of the caller's keys.
    fn begin_revoke(&self, key: String) -> Answer<'_, SignatureRequest>;
    /// Takes the signed revocation.
    fn finish_revoke(&self, ceremony: String, assertion: String) -> Answer<'_, ()>;
    /// Who is admitted, and what waits for endorsements.
    fn people(&self) -> Answer<'_, PeopleView>;
    /// One request for a key or a role; `id` as it stands in the URL.
    fn request(&self, id: String) -> Answer<'_, RequestView>;
    /// Begins to say yes or no to a request.
    fn begin_endorsement(&self, request: EndorseRequest) -> Answer<'_, SignatureRequest>;
    /// Takes the signed yes or no; gives what came of it, in a sentence.
    fn finish_endorsement(&self, ceremony: String, assertion: String) -> Answer<'_, String>;
    /// Takes back the caller's own request.
    fn withdraw_request(&self, request: String) -> Answer<'_, ()>;
    /// The caller's machine tokens; everybody's that still read, for security.
    fn tokens(&self) -> Answer<'_, TokensView>;
    /// Begins to issue a machine token.
    fn begin_token(&self, request: TokenRequest) -> Answer<'_, SignatureRequest>;
    /// Takes the signature; the answer shows the secret, once.
    fn finish_token(&self, ceremony: String, assertion: String) -> Answer<'_, TokenMade>;
    /// Ends a machine token.
    fn revoke_token(&self, token: String) -> Answer<'_, ()>;
    /// The sessions of a person: the caller's own, or for security anybody's.
    fn sessions(&self, person: Option<String>) -> Answer<'_, SessionsView>;
    /// Ends a session as stolen; what was approved through it falls.
    fn report_stolen(&self, session: String) -> Answer<'_, ()>;
    /// Ends the caller's other sessions.
    fn sign_out_elsewhere(&self) -> Answer<'_, ()>;
    /// Whether an environment keeps what it was promised to keep; `name` as it stands in the URL.
    fn environment_rails(&self, name: String) -> Answer<'_, RailsView>;
    /// An environment beside the one that it mirrors.
    fn environment_parity(&self, name: String) -> Answer<'_, ParityView>;
    /// One page of images, newest first.
    fn releases(&self, filter: ReleaseFilter) -> Answer<'_, ReleasesView>;
    /// The rules in force, and what is proposed instead.
    fn policy(&self) -> Answer<'_, PolicyView>;
    /// Begins to propose other rules.
    fn begin_proposal(&self, request: ProposalRequest) -> Answer<'_, SignatureRequest>;
    /// Takes the signature; the change is open then.
    fn finish_proposal(&self, ceremony: String, assertion: String) -> Answer<'_, ProposalDone>;
    /// One page of the audit log, newest first.
    fn audit(&self, filter: AuditFilter) -> Answer<'_, AuditPage>;
}
