//! How do the pages' questions reach the services? One [`RequestBackend`] per request, bound to its caller.
//!
//! Default deny: every question but the shell's needs a session, which is asked for here, first.

use crate::config::Mode;
use crate::context::Context;
use crate::error::Error;
use crate::people::{Caller, SignedIn};
use crate::router::request_id_of;
use crate::{alerts, audit, changes, environments, people, pipelines, policy, services};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use gatehouse_app::alerts::shape::{IncidentDone, IncidentView, IncidentWish, IncidentsView};
use gatehouse_app::audit::shape::{AuditFilter, AuditPage};
use gatehouse_app::backend::{Answer, Backend};
use gatehouse_app::changes::data::shape::DataChangeView;
use gatehouse_app::changes::habits::shape::HabitsView;
use gatehouse_app::changes::lane::{FreezesView, LaneWish};
use gatehouse_app::changes::rollback::PlanForm;
use gatehouse_app::changes::shape::{ChangeFilter, ChangePage, ChangeView, DecisionDone, DecisionRequest};
use gatehouse_app::environments::parity::shape::ParityView;
use gatehouse_app::environments::rails::shape::RailsView;
use gatehouse_app::environments::shape::{EnvironmentView, EnvironmentsView};
use gatehouse_app::error::UiError;
use gatehouse_app::home::shape::HomeView;
use gatehouse_app::people::sessions::shape::SessionsView;
use gatehouse_app::people::shape::{
    EndorseRequest, EnrolRequest, EnrolStep, KeysView, PeopleView, RequestView, SignatureRequest,
};
use gatehouse_app::people::tokens::shape::{TokenMade, TokenRequest, TokensView};
use gatehouse_app::pipelines::dora::shape::{DoraFilter, DoraView};
use gatehouse_app::pipelines::releases::shape::{ReleaseFilter, ReleasesView};
use gatehouse_app::pipelines::shape::{RunFilter, RunPage, RunView};
use gatehouse_app::policy::shape::{PolicyView, ProposalDone, ProposalRequest};
use gatehouse_app::services::shape::{MatrixView, ServiceFilter, ServiceView};
use gatehouse_app::shape::ShellView;
use gatehouse_domain::Reason;
use tokio::sync::OnceCell;

/// What the demo relaxes, on every page (DESIGN §9: "and says so in a banner").
const RELAXED: &str = "Demo: the outside world is simulated, and people's first keys and new roles count at once, without two others' endorsement. Nothing here reaches production.";

/// The demo with every rule of production.
const STRICT: &str = "Demo: the outside world is simulated. Nothing here reaches production.";

/// A file that is not what is in force, on every page.
const PROPOSED: &str = "This portal’s configuration file says something else than what is in force. It decides nothing until everybody has signed for it: see Policy.";

/// What one request may ask.
pub struct RequestBackend {
    ctx: Context,
    headers: HeaderMap,
    source_ip: String,
    request_id: String,
    caller: OnceCell<Caller>,
}

impl RequestBackend {
    /// Binds the backend to whoever sent the request with these parts. The session is read when something is
    /// asked for the first time, and once.
    #[must_use]
    pub fn new(ctx: &Context, parts: &Parts) -> Self {
        Self {
            ctx: ctx.clone(),
            headers: parts.headers.clone(),
            source_ip: audit::source_of(&parts.extensions),
            request_id: request_id_of(parts),
            caller: OnceCell::new(),
        }
    }

    async fn caller(&self) -> Result<&Caller, Error> {
        self.caller.get_or_try_init(|| Caller::of_request(&self.ctx, &self.headers, self.source_ip.clone())).await
    }

    /// Whoever is signed in.
    async fn who(&self) -> Result<&SignedIn, Error> {
        self.caller().await?.signed_in()
    }

    /// The same for an act: an attempt without a session is counted, as the log wants.
    async fn who_acts(&self, attempt: &str) -> Result<&SignedIn, Error> {
        let caller = self.caller().await?;
        match caller.signed_in() {
            Ok(who) => Ok(who),
            Err(error) => {
                audit::count_refusal(&self.ctx, attempt, &Reason::NotSignedIn, &self.source_ip).await?;
                Err(error)
            }
        }
    }

    /// Turns a service's answer into the page's: failures are logged here, once.
    fn told<T>(&self, result: Result<T, Error>) -> Result<T, UiError> {
        result.map_err(|error| UiError(error.into_problem(&self.request_id)))
    }

    async fn read_shell(&self) -> Result<ShellView, Error> {
        let caller = self.caller().await?;
        let mut conn = self.ctx.db.acquire().await?;
        let as_of = self.ctx.now(&mut conn).await?;
        let notice = match people::service::notice(&mut conn, &self.ctx, caller.session.is_some()).await? {
            None if caller.session.is_some() => changes::notice(&mut conn).await?,
            other => other,
        };
        // Whoever is signed out learns nothing of what is stopped, and why.
        let (stopped, fire) = match &caller.session {
            Some(_) => (changes::stopped(&mut conn, &self.ctx).await?, alerts::live(&mut conn, &self.ctx).await?),
            None => (None, None),
        };
        // What everybody must know comes first; a file that only proposes waits for people who are here.
        let waits = self.ctx.waiting.get().filter(|_| caller.session.is_some()).map(|_| PROPOSED.to_owned());
        let notice = notice.or(waits);
        let (me, needs_you) = match &caller.session {
            Some(who) => {
                let needs_you = changes::needs_you(&mut conn, &self.ctx, &who.person).await?
                    + people::service::needs_you(&mut conn, &self.ctx, &who.person).await?;
                (Some(people::service::me(&mut conn, &self.ctx, who).await?), needs_you)
            }
            None => (None, 0),
        };
        let demo = match self.ctx.config.mode {
            Mode::Production => None,
            Mode::Demo { admit_first_keys: true } => Some(RELAXED.to_owned()),
            Mode::Demo { admit_first_keys: false } => Some(STRICT.to_owned()),
        };
        Ok(ShellView { me, demo, notice, stopped, fire, needs_you, log_origin: self.ctx.log_origin.clone(), as_of })
    }
}

/// Answers a question by the service's verb: `told!(self, verb(ctx, who, …))`.
macro_rules! told {
    ($self:ident, |$ctx:ident, $who:ident| $body:expr) => {
        told!($self, $self.who(), |$ctx, $who| $body)
    };
    ($self:ident, $attempt:literal, |$ctx:ident, $who:ident| $body:expr) => {
        told!($self, $self.who_acts($attempt), |$ctx, $who| $body)
    };
    ($self:ident, $caller:expr, |$ctx:ident, $who:ident| $body:expr) => {
        Box::pin(async move {
            let result = async {
                let ($ctx, $who) = (&$self.ctx, $caller.await?);
                $body.await
            }
            .await;
            $self.told(result)
        })
    };
}

impl Backend for RequestBackend {
    fn shell(&self) -> Answer<'_, ShellView> {
        Box::pin(async move { self.told(self.read_shell().await) })
    }
    fn home(&self) -> Answer<'_, HomeView> {
        told!(self, |ctx, who| async {
            let endorse = people::service::inbox(ctx, who).await?;
            Ok(HomeView { endorse, ..changes::home(ctx, &who.person).await? })
        })
    }
    fn services(&self, filter: ServiceFilter) -> Answer<'_, MatrixView> {
        told!(self, |ctx, _who| services::list(ctx, filter))
    }
    fn service(&self, name: String) -> Answer<'_, ServiceView> {
        told!(self, |ctx, _who| async { services::show(ctx, &name).await })
    }
    fn changes(&self, filter: ChangeFilter) -> Answer<'_, ChangePage> {
        told!(self, |ctx, who| changes::list(ctx, &who.person, filter))
    }
    fn change(&self, number: String) -> Answer<'_, ChangeView> {
        told!(self, |ctx, who| async {
            let number = number.parse().map_err(|_| Error::NotFound)?;
            changes::show(ctx, &who.person, &number).await
        })
    }
    fn habits(&self) -> Answer<'_, HabitsView> {
        told!(self, |ctx, who| changes::habits(ctx, &who.person))
    }
    fn data_change(&self, number: String) -> Answer<'_, DataChangeView> {
        told!(self, |ctx, who| async {
            let number = number.parse().map_err(|_| Error::NotFound)?;
            changes::show_data(ctx, &who.person, &number).await
        })
    }
    fn begin_decision(&self, request: DecisionRequest) -> Answer<'_, SignatureRequest> {
        told!(self, "changes.decide", |ctx, who| changes::service::begin_decision(ctx, who, request))
    }
    fn finish_decision(&self, ceremony: String, assertion: String) -> Answer<'_, DecisionDone> {
        told!(self, "changes.decide", |ctx, who| changes::service::finish_decision(ctx, who, &ceremony, &assertion))
    }
    fn edit_plan(&self, form: PlanForm) -> Answer<'_, ()> {
        told!(self, "changes.edit_plan", |ctx, who| changes::edit_plan(ctx, who, form))
    }
    fn confirm_plan(&self, number: String, plan_digest: String) -> Answer<'_, ()> {
        told!(self, "changes.confirm_plan", |ctx, who| changes::confirm_plan(ctx, who, &number, &plan_digest))
    }
    fn mark_version(&self, number: String, why: String) -> Answer<'_, ()> {
        told!(self, "changes.mark", |ctx, who| changes::mark(ctx, who, &number, &why))
    }
    fn freezes(&self) -> Answer<'_, FreezesView> {
        told!(self, |ctx, who| changes::freezes(ctx, who))
    }
    fn begin_lane(&self, wish: LaneWish) -> Answer<'_, SignatureRequest> {
        told!(self, "changes.lane", |ctx, who| changes::begin_lane(ctx, who, wish))
    }
    fn finish_lane(&self, ceremony: String, assertion: String) -> Answer<'_, String> {
        told!(self, "changes.lane", |ctx, who| changes::finish_lane(ctx, who, &ceremony, &assertion))
    }
    fn environments(&self) -> Answer<'_, EnvironmentsView> {
        told!(self, |ctx, _who| environments::environments(ctx))
    }
    fn environment(&self, name: String, after: String) -> Answer<'_, EnvironmentView> {
        told!(self, |ctx, _who| environments::environment(ctx, &name, &after))
    }
    fn incidents(&self) -> Answer<'_, IncidentsView> {
        told!(self, |ctx, who| alerts::incidents(ctx, who))
    }
    fn incident(&self, id: String) -> Answer<'_, IncidentView> {
        told!(self, |ctx, who| alerts::incident(ctx, who, &id))
    }
    fn begin_incident(&self, wish: IncidentWish) -> Answer<'_, SignatureRequest> {
        told!(self, "alerts.incident", |ctx, who| alerts::begin_incident(ctx, who, wish))
    }
    fn finish_incident(&self, ceremony: String, assertion: String) -> Answer<'_, IncidentDone> {
        told!(self, "alerts.incident", |ctx, who| alerts::finish_incident(ctx, who, &ceremony, &assertion))
    }
    fn runs(&self, filter: RunFilter) -> Answer<'_, RunPage> {
        told!(self, |ctx, _who| pipelines::list(ctx, filter))
    }
    fn run(&self, run: String) -> Answer<'_, RunView> {
        told!(self, |ctx, who| pipelines::show(ctx, &who.person, &run))
    }
    fn dora(&self, filter: DoraFilter) -> Answer<'_, DoraView> {
        told!(self, |ctx, _who| pipelines::dora(ctx, filter))
    }
    fn keys(&self) -> Answer<'_, KeysView> {
        told!(self, |ctx, who| people::service::keys(ctx, who))
    }
    fn begin_enrol(&self, request: EnrolRequest) -> Answer<'_, SignatureRequest> {
        told!(self, "people.enrol_key", |ctx, who| people::service::begin_enrol(ctx, who, request))
    }
    fn finish_enrol(&self, ceremony: String, credential: String) -> Answer<'_, EnrolStep> {
        told!(self, "people.enrol_key", |ctx, who| people::service::finish_enrol(ctx, who, &ceremony, &credential))
    }
    fn finish_enrol_signature(&self, ceremony: String, assertion: String) -> Answer<'_, EnrolStep> {
        told!(self, "people.enrol_key", |ctx, who| {
            people::service::finish_enrol_signature(ctx, who, &ceremony, &assertion)
        })
    }
    fn begin_revoke(&self, key: String) -> Answer<'_, SignatureRequest> {
        told!(self, "people.revoke_key", |ctx, who| people::service::begin_revoke(ctx, who, &key))
    }
    fn finish_revoke(&self, ceremony: String, assertion: String) -> Answer<'_, ()> {
        told!(self, "people.revoke_key", |ctx, who| people::service::finish_revoke(ctx, who, &ceremony, &assertion))
    }
    fn people(&self) -> Answer<'_, PeopleView> {
        told!(self, |ctx, who| people::service::people(ctx, who))
    }
    fn request(&self, id: String) -> Answer<'_, RequestView> {
        told!(self, |ctx, who| people::service::request(ctx, who, &id))
    }
    fn begin_endorsement(&self, request: EndorseRequest) -> Answer<'_, SignatureRequest> {
        told!(self, "people.endorse", |ctx, who| people::service::begin_endorsement(ctx, who, request))
    }
    fn finish_endorsement(&self, ceremony: String, assertion: String) -> Answer<'_, String> {
        told!(self, "people.endorse", |ctx, who| people::service::finish_endorsement(ctx, who, &ceremony, &assertion))
    }
    fn withdraw_request(&self, request: String) -> Answer<'_, ()> {
        told!(self, "people.withdraw_request", |ctx, who| people::service::withdraw_request(ctx, who, &request))
    }
    fn tokens(&self) -> Answer<'_, TokensView> {
        told!(self, |ctx, who| people::tokens::tokens(ctx, &who.person))
    }
    fn begin_token(&self, request: TokenRequest) -> Answer<'_, SignatureRequest> {
        told!(self, "people.issue_token", |ctx, who| people::tokens::begin_token(ctx, who, request))
    }
    fn finish_token(&self, ceremony: String, assertion: String) -> Answer<'_, TokenMade> {
        told!(self, "people.issue_token", |ctx, who| people::tokens::finish_token(ctx, who, &ceremony, &assertion))
    }
    fn revoke_token(&self, token: String) -> Answer<'_, ()> {
        told!(self, "people.revoke_token", |ctx, who| people::tokens::revoke_token(ctx, who, &token))
    }
    fn sessions(&self, person: Option<String>) -> Answer<'_, SessionsView> {
        told!(self, |ctx, who| people::service::sessions(ctx, who, person.as_deref()))
    }
    fn report_stolen(&self, session: String) -> Answer<'_, ()> {
        told!(self, "people.report_stolen_session", |ctx, who| people::service::report_stolen(ctx, who, &session))
    }
    fn sign_out_elsewhere(&self) -> Answer<'_, ()> {
        told!(self, "people.sign_out_elsewhere", |ctx, who| people::service::sign_out_elsewhere(ctx, who))
    }
    fn policy(&self) -> Answer<'_, PolicyView> {
        told!(self, |ctx, who| policy::show(ctx, &who.person))
    }
    fn begin_proposal(&self, request: ProposalRequest) -> Answer<'_, SignatureRequest> {
        told!(self, "policy.propose", |ctx, who| changes::begin_proposal(ctx, who, request))
    }
    fn finish_proposal(&self, ceremony: String, assertion: String) -> Answer<'_, ProposalDone> {
        told!(self, "policy.propose", |ctx, who| changes::finish_proposal(ctx, who, &ceremony, &assertion))
    }
    fn environment_rails(&self, name: String) -> Answer<'_, RailsView> {
        told!(self, |ctx, _who| environments::rails(ctx, &name))
    }
    fn environment_parity(&self, name: String) -> Answer<'_, ParityView> {
        told!(self, |ctx, _who| environments::parity(ctx, &name))
    }
    fn releases(&self, filter: ReleaseFilter) -> Answer<'_, ReleasesView> {
        told!(self, |ctx, _who| pipelines::releases::view(ctx, &filter))
    }
    fn audit(&self, filter: AuditFilter) -> Answer<'_, AuditPage> {
        told!(self, |ctx, who| async { audit::list(ctx, &who.actor(), filter).await })
    }
}
