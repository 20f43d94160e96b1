//! Addresses: parsed once, told apart by where they lead.

use std::fmt;
use url::{Host, Url};

/// Where an outside system is. Kept in the operator's own spelling too, because an issuer is
/// compared byte for byte and a parser may add a last `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    text: String,
    url: Url,
}

impl Address {
    /// An `http` or `https` address without user, password, query or fragment.
    pub(super) fn http(text: &str) -> Result<Self, String> {
        let url = parse(text)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("must start with https://, not {}:", url.scheme()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user or password; secrets go into files".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must not hold a query or fragment; cut it at the `?` or `#`".to_owned());
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// A `postgres` address. A password in it would end up in process lists and crash reports.
    pub(crate) fn postgres(text: &str) -> Result<Self, String> {
        // The text itself is not repeated in any message: it may hold the password that is refused.
        let url = Url::parse(text).map_err(|_| "is no URL; write postgres://gatehouse_app@host/database".to_owned())?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err("must start with postgres://".to_owned());
        }
        if url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password") {
            return Err("holds a password; put it into a file and name it in database.password_file".to_owned());
        }
        if url.username().is_empty() && !url.query_pairs().any(|(key, _)| key == "user") {
            return Err("names no user; write postgres://gatehouse_app@host/database".to_owned());
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// As the operator wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Parsed.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether it could only be the twin, or could be listened to on the way: loopback or plain HTTP.
    #[must_use]
    pub fn is_loopback_or_plain(&self) -> bool {
        self.url.scheme() == "http" || is_loopback(&self.url)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The origin under which browsers know us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    url: Url,
}

impl PublicUrl {
    /// An origin: scheme, host, port, and no path. Plain HTTP only on loopback, where browsers call
    /// it a secure context and let WebAuthn run.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let address = Address::http(text)?;
        let url = address.url;
        if url.path() != "/" {
            return Err("must be an origin such as https://gatehouse.example.com, without a path".to_owned());
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            return Err("must be https: browsers refuse security keys on plain HTTP".to_owned());
        }
        if matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_))) {
            return Err("must name a host, not an IP address: WebAuthn takes names only (on this machine, http://localhost:PORT)".to_owned());
        }
        Ok(Self { origin: url.origin().ascii_serialization(), url })
    }

    /// Exactly what a browser sends as `Origin`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The origin as a URL with path `/`.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The host alone: WebAuthn's relying-party id.
    #[must_use]
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Host, and port where it is not the scheme's own.
    #[must_use]
    pub fn authority(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host().to_owned(),
        }
    }

    /// Whether browsers come over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin)
    }
}

fn parse(text: &str) -> Result<Url, String> {
    if text.trim() != text || text.is_empty() {
        return Err("is empty or has spaces around it; write the bare address".to_owned());
    }
    if !text.is_ascii() {
        // One address, one spelling: look-alike letters would change what the governed digest is of.
        return Err("holds letters beyond ASCII; write an international host name in its xn-- form".to_owned());
    }
    let url = Url::parse(text).map_err(|error| format!("is no URL ({error}); write https://host"))?;
    if url.host().is_none() {
        return Err("names no host; write https://host".to_owned());
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => {
            ip.is_loopback() || ip.is_unspecified() || ip.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback())
        }
        // A last dot names the same host.
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}
