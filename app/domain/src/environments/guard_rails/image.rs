//! Where does an image come from, and is it pinned?

use super::rules::Registry;

/// What is wrong with an image's name; both can be.
pub(super) struct Wrong {
    /// It does not come from our registry: why, in words.
    pub(super) elsewhere: Option<String>,
    /// It is not pinned by a digest.
    pub(super) is_loose: bool,
}

pub(super) fn look(image: &str, registry: &Registry) -> Wrong {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let is_loose = !digest.is_some_and(is_digest);
    // The first part is a registry when it could be a host; otherwise Docker's own is meant.
    let host =
        name.split_once('/').map(|(host, _)| host).filter(|host| host.contains(['.', ':']) || *host == "localhost");
    let elsewhere = match host {
        Some(host) if host == registry.host() => None,
        None => Some("it names no registry, so it comes from Docker Hub".to_owned()),
        Some(host) => Some(match ecr(host) {
            Some((account, region)) if account == registry.account => {
                format!("it comes from region {region}, not {}", registry.region)
            }
            Some((account, region)) if region == registry.region => {
                format!("it comes from account {account}, not {}", registry.account)
            }
            Some((account, region)) => format!(
                "it comes from account {account} in region {region}, not {} in {}",
                registry.account, registry.region
            ),
            None => format!("it comes from {host}, not {}", registry.host()),
        }),
    };
    Wrong { elsewhere, is_loose }
}

fn is_digest(digest: &str) -> bool {
    let hex = digest.strip_prefix("sha256:").unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Account and region of a registry of AWS.
fn ecr(host: &str) -> Option<(&str, &str)> {
    let (account, region) = host.strip_suffix(".amazonaws.com")?.split_once(".dkr.ecr.")?;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    is_account.then_some((account, region))
}
