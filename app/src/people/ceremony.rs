//! How does the browser touch a key?
//!
//! Options come from the server as JSON and the answer goes back as JSON; the browser's own
//! `parse…FromJSON` and `toJSON` translate, so nothing here knows a field of WebAuthn.

use crate::error::UiError;
use crate::ui::live::Progress;

/// Why an act with a key did not come to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The key was not touched, or could not be: nothing was signed.
    NotSigned(String),
    /// The portal said no.
    Refused(UiError),
}

impl From<UiError> for Stop {
    fn from(error: UiError) -> Self {
        Self::Refused(error)
    }
}

impl From<Stop> for Progress {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::NotSigned(why) => Self::Stopped(why),
            Stop::Refused(UiError(problem)) => Self::Refused(problem),
        }
    }
}

/// What a browser's refusal means to the person; by the name of its `DOMException`.
#[cfg_attr(not(any(test, feature = "hydrate")), expect(dead_code, reason = "only a browser refuses"))]
pub(crate) fn sentence(name: &str) -> String {
    match name {
        // Browsers do not tell "cancelled", "took too long" and "no such key here" apart, on purpose.
        "NotAllowedError" | "AbortError" => "You did not touch the key; nothing was signed.".to_owned(),
        "InvalidStateError" => "This key is already enrolled; nothing was signed.".to_owned(),
        "NotSupportedError" => {
            "This key cannot make the signatures that Gatehouse takes; nothing was signed.".to_owned()
        }
        "SecurityError" => {
            "The browser does not allow keys at this address; nothing was signed. Open Gatehouse by its own name."
                .to_owned()
        }
        "Unsupported" => {
            "This browser cannot use security keys; nothing was signed. A current Chrome, Edge, Firefox or Safari can."
                .to_owned()
        }
        _ => format!("The browser could not use the key ({name}); nothing was signed."),
    }
}

/// Signs with a key that the person has. `options` is `{"publicKey": …}`.
pub(crate) async fn sign(options: &str) -> Result<String, Stop> {
    browser::ask("get", "parseRequestOptionsFromJSON", options).await
}

/// Makes a new credential.
pub(crate) async fn create(options: &str) -> Result<String, Stop> {
    browser::ask("create", "parseCreationOptionsFromJSON", options).await
}

#[cfg(feature = "hydrate")]
mod browser {
    use super::{Stop, sentence};
    use js_sys::{Function, JSON, Object, Promise, Reflect};
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;

    pub(super) async fn ask(verb: &str, parse: &str, options: &str) -> Result<String, Stop> {
        let answer = call(verb, parse, options).await;
        answer.map_err(|error| Stop::NotSigned(sentence(&name_of(&error))))
    }

    async fn call(verb: &str, parse: &str, options: &str) -> Result<String, JsValue> {
        let global = js_sys::global();
        let class = member(&global, "PublicKeyCredential")?;
        let options = member(&JSON::parse(options)?, "publicKey")?;
        let parsed = method(&class, parse)?.call1(&class, &options)?;
        let request = Object::new();
        Reflect::set(&request, &"publicKey".into(), &parsed)?;
        let credentials = member(&member(&global, "navigator")?, "credentials")?;
        let promise: Promise = method(&credentials, verb)?.call1(&credentials, &request)?.dyn_into()?;
        let credential = JsFuture::from(promise).await?;
        let json = method(&credential, "toJSON")?.call0(&credential)?;
        Ok(JSON::stringify(&json)?.into())
    }

    fn member(of: &JsValue, name: &str) -> Result<JsValue, JsValue> {
        let value = Reflect::get(of, &name.into())?;
        if value.is_undefined() || value.is_null() { Err(unsupported()) } else { Ok(value) }
    }

    fn method(of: &JsValue, name: &str) -> Result<Function, JsValue> {
        member(of, name)?.dyn_into().map_err(|_| unsupported())
    }

    fn unsupported() -> JsValue {
        let error = js_sys::Error::new("no security keys here");
        error.set_name("Unsupported");
        error.into()
    }

    fn name_of(error: &JsValue) -> String {
        Reflect::get(error, &"name".into())
            .ok()
            .and_then(|name| name.as_string())
            .unwrap_or_else(|| "unknown error".to_owned())
    }
}

#[cfg(not(feature = "hydrate"))]
mod browser {
    use super::Stop;

    /// The server renders buttons and never presses one.
    pub(super) async fn ask(_verb: &str, _parse: &str, _options: &str) -> Result<String, Stop> {
        Err(Stop::NotSigned("There is no security key on the server.".to_owned()))
    }
}
