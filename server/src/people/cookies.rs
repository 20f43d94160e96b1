//! Our two cookies. Both have the `__Host-` prefix, so no other host, path or plain connection can set
//! them, and neither can be read by a script.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{COOKIE, HeaderMap, HeaderValue};
use sha2::{Digest as _, Sha256};

/// The session.
pub(super) const SESSION: &str = "__Host-gatehouse";
/// Binds a sign-in's answer to the browser that began it.
pub(super) const SIGNIN: &str = "__Host-gatehouse-signin";

/// A secret that one browser holds.
pub(super) struct BrowserSecret(String);

impl BrowserSecret {
    pub(super) fn new(random: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random))
    }

    /// From the request; `None` when there is none of the right form, **or more than one**: a second
    /// cookie of the name can only come from somebody who would like us to take the wrong one.
    pub(super) fn of_request(headers: &HeaderMap, name: &str) -> Option<Self> {
        let mut found = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value);
        match (found.next(), found.next()) {
            (Some(value), None) if URL_SAFE_NO_PAD.decode(value).is_ok_and(|bytes| bytes.len() == 32) => {
                Some(Self(value.to_owned()))
            }
            _ => None,
        }
    }

    /// What is stored of it.
    pub(super) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }

    /// `Lax`, not `Strict`: the provider sends people back here, and a link in a message must find them
    /// signed in. Nothing is changed by a GET.
    pub(super) fn set(&self, name: &str, max_age_seconds: u32) -> HeaderValue {
        header(&format!("{name}={}; Max-Age={max_age_seconds}", self.0))
    }
}

/// Removes a cookie.
pub(super) fn clear(name: &str) -> HeaderValue {
    header(&format!("{name}=; Max-Age=0"))
}

fn header(start: &str) -> HeaderValue {
    // Names are ours and values base64url, so this is always a header.
    HeaderValue::from_str(&format!("{start}; Path=/; Secure; HttpOnly; SameSite=Lax"))
        .unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn request(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, cookie.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_secret_survives_the_way_through_a_browser() {
        let secret = BrowserSecret::new([7; 32]);
        let set = secret.set(SESSION, 60);
        let set = set.to_str().unwrap();
        assert!(set.starts_with("__Host-gatehouse=") && set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"));
        assert!(!set.contains("Domain"));
        let pair = set.split(';').next().unwrap();
        let back = BrowserSecret::of_request(&request(&["a=b; c", &format!("x=y; {pair}")]), SESSION).unwrap();
        assert_eq!(back.hash(), secret.hash());
        assert!(BrowserSecret::of_request(&request(&[pair]), SIGNIN).is_none());
    }

    #[test]
    fn doubled_short_or_malformed_secrets_are_none() {
        let pair = format!("{SESSION}={}", URL_SAFE_NO_PAD.encode([7; 32]));
        let pair = pair.as_str();
        for cookies in
            [&[pair, pair][..], &["__Host-gatehouse=AAAA"], &["__Host-gatehouse=%%"], &["__Host-gatehouse"], &[]]
        {
            assert!(BrowserSecret::of_request(&request(cookies), SESSION).is_none(), "{cookies:?}");
        }
    }
}
