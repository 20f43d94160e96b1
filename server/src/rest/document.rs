//! What does all of this look like? OpenAPI 3.1, made from the routes and the types of their answers.

use gatehouse_domain::people::tokens::Scope;
use serde::{Deserialize, Serialize};
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Required,
    ResponseBuilder,
};
use utoipa::{PartialSchema as _, ToSchema};

const TITLE: &str = "Gatehouse";
const WHAT: &str = "What a program can read of Gatehouse, and how a person's own client decides with a security key. \
A machine token reads what its scopes name and does nothing else: approving, enrolling, revoking and issuing take a \
person's session and a touch of their key. Times are UTC, ids of people are employee ids, every refusal is a problem \
with all of its reasons.";

/// A refusal or failure (RFC 9457), as it is sent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// Stable, `snake_case`, for programs.
    pub code: String,
    /// One sentence for a person, with the remedy where there is one.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Every reason, not only the first.
    pub reasons: Vec<ReasonView>,
    /// Quote this when asking for help.
    pub request_id: String,
}

/// One reason.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonView {
    /// Stable, `snake_case`.
    pub code: String,
    /// One sentence, with the remedy where there is one.
    pub sentence: String,
}

impl From<gatehouse_domain::problem::ReasonView> for ReasonView {
    fn from(reason: gatehouse_domain::problem::ReasonView) -> Self {
        Self { code: reason.code, sentence: reason.sentence }
    }
}

/// What is known before the first route.
#[must_use]
pub fn beginning() -> OpenApi {
    let session = ApiKey::Cookie(ApiKeyValue::with_description("__Host-gatehouse", "A person's browser session."));
    let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.code()).collect();
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("gthp_")
        .description(Some(format!("A machine token. Its scopes: {}.", scopes.join(", "))));
    OpenApiBuilder::new()
        .info(InfoBuilder::new().title(TITLE).version("1").description(Some(WHAT)))
        .components(Some(
            ComponentsBuilder::new()
                .security_scheme("session", SecurityScheme::ApiKey(session))
                .security_scheme("token", SecurityScheme::Http(token.build()))
                .schema("Problem", Problem::schema())
                .schema("ReasonView", ReasonView::schema())
                .build(),
        ))
        .build()
}

/// Every operation can refuse; none has to say so by itself.
#[must_use]
pub fn finished(mut document: OpenApi) -> OpenApi {
    let problem = ResponseBuilder::new()
        .description("Refused or failed: a problem with every reason.")
        .content(
            "application/problem+json",
            Content::new(Some(RefOr::<utoipa::openapi::Schema>::Ref(Ref::from_schema_name("Problem")))),
        )
        .build();
    let key = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some("Names the request: sent again, it is answered again and not done twice. For a day."))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
        .build();
    for item in document.paths.paths.values_mut() {
        for (acts, operation) in operations_mut(item) {
            if acts {
                operation.parameters.get_or_insert_default().push(RefOr::T(key.clone()));
            }
            for response in operation.responses.responses.values_mut() {
                // OpenAPI 3.1 demands a description even where the type says everything.
                if let RefOr::T(response) = response
                    && response.description.is_empty()
                {
                    response.description = "What was asked for.".to_owned();
                }
            }
            operation.responses.responses.insert("default".to_owned(), RefOr::T(problem.clone()));
        }
    }
    document
}

/// Every operation, and whether it may change something.
fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = (bool, &mut Operation)> {
    let all = [
        (false, &mut item.get),
        (true, &mut item.post),
        (true, &mut item.put),
        (true, &mut item.patch),
        (true, &mut item.delete),
    ];
    all.into_iter().filter_map(|(acts, operation)| operation.as_mut().map(|operation| (acts, operation)))
}

/// As it is committed: pretty, with a line end.
///
/// # Errors
/// When it does not serialise, which no test would let pass.
pub fn text() -> Result<String, serde_json::Error> {
    // Through `Value`, whose keys are sorted: the same routes give the same text.
    let value = serde_json::to_value(super::description())?;
    Ok(format!("{}\n", serde_json::to_string_pretty(&value)?))
}
