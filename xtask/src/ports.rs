//! Which loopback ports the demo uses, and whether they are free.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::bail;

/// The portal, and seven ports in a row for the simulated outside world: control, GitHub, identity provider,
/// Kubernetes, AWS, and the clusters of staging and development.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Where people point their browser.
    pub portal: u16,
    /// First of the twin's ports.
    pub twin: u16,
}

const TWIN_PORTS: u16 = 7;
/// After the twin's own: a second identity provider, where a test starts one.
const BESIDE: u16 = 1;

impl Ports {
    /// The ports of the documents: 8080, and 9100 to 9106.
    pub const DEFAULT: Self = Self { portal: 8080, twin: 9100 };

    /// Where a second identity provider listens.
    pub fn provider(self) -> u16 {
        self.twin.saturating_add(TWIN_PORTS)
    }

    /// Refuses in one sentence when one of them is taken.
    pub fn ensure_free(self) -> anyhow::Result<()> {
        if !is_free(self.portal) {
            bail!("port {} is in use; free it, or choose another one with `--port N`", self.portal);
        }
        for port in self.twin..self.twin.saturating_add(TWIN_PORTS) {
            if !is_free(port) {
                bail!(
                    "port {port} is in use; free it, or move the simulated outside world with `--port-base N` (it takes N to N+6)"
                );
            }
        }
        Ok(())
    }

    /// Free ports, for a check that must not disturb a running demo.
    pub fn find_free() -> anyhow::Result<Self> {
        // Below the range from which the kernel hands out ports to outgoing connections, and not always the same ones:
        // two checks may start at the same moment.
        let start = 20_000 + u16::try_from(std::process::id() % 900).unwrap_or(0) * 10;
        let mut bases = (0..500_u16).map(|step| 20_000 + (start - 20_000 + step * 10) % 9_000);
        let free = bases.find(|base| (*base..base + 1 + TWIN_PORTS + BESIDE).all(is_free));
        match free {
            Some(base) => Ok(Self { portal: base, twin: base + 1 }),
            None => bail!("no nine free ports in a row between 20000 and 29000 on 127.0.0.1; end what uses them"),
        }
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    // One test: to look whether a port is free is to hold it for a moment, and two that look at once see each other.
    #[test]
    fn found_ports_are_free_and_a_busy_one_is_one_sentence_that_names_the_way_out() {
        Ports::find_free().unwrap().ensure_free().unwrap();
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = held.local_addr().unwrap().port();
        let ports = Ports { portal: port, twin: Ports::find_free().unwrap().twin };
        let text = ports.ensure_free().unwrap_err().to_string();
        assert_eq!(text, format!("port {port} is in use; free it, or choose another one with `--port N`"));
    }
}
