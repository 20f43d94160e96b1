//! What may a page say about its own HTTP answer?
//!
//! Pages and server functions do not see the response; they tell it two things through this object,
//! and learn one, which the server provides in Leptos context beside the backend.

use gatehouse_domain::problem::Problem;

/// What the page before was refused, for a browser that could not be told there: the server provides it, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told(pub Problem);

/// The HTTP answer that is being made.
pub trait Reply: Send + Sync + 'static {
    /// Sets the status; the last word counts.
    fn status(&self, status: u16);
    /// Adds a `Set-Cookie` header with this exact value.
    fn set_cookie(&self, cookie: &str);
    /// The id under which the log knows this request.
    fn request_id(&self) -> String;
}
