//! Variables and ports that a program for local runs is told, with errors that name a way out.

use std::net::TcpListener;

use anyhow::{Context, bail};

use crate::aws_stand_in::free_port::FIRST_EPHEMERAL_PORT;

/// A variable's text; `None` when it is missing or empty.
pub(crate) fn variable(name: &str) -> anyhow::Result<Option<String>> {
    match std::env::var(name) {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => Ok(Some(text)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => bail!("{name} is not text"),
    }
}

/// The port that the variable of this name holds, `default` where it holds none.
pub(crate) fn port(name: &str, text: Option<String>, default: u16) -> anyhow::Result<u16> {
    let Some(text) = text else {
        return Ok(default);
    };
    text.parse()
        .ok()
        .filter(|port| (1_024..FIRST_EPHEMERAL_PORT).contains(port))
        .with_context(|| {
            format!(
                "{name} is {text:?}: choose a number from 1024 to {} (below, only root may listen; above, the system hands \
                 ports out itself)",
                FIRST_EPHEMERAL_PORT - 1
            )
        })
}

/// Refuses a port on which somebody listens; `what` should be there, and `way_out` is a command with another one.
pub(crate) fn refuse_taken(port: u16, what: &str, way_out: &str) -> anyhow::Result<()> {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "port {port} on 127.0.0.1, {what}, is taken by another program: end that one, or choose another port with {way_out}"
        ),
        Err(error) => Err(error).with_context(|| format!("cannot listen on 127.0.0.1:{port}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_outside_the_useful_range_is_refused_with_the_range() {
        assert_eq!(port("DEV_PORT", Some("9100".to_owned()), 1).unwrap(), 9_100);
        assert_eq!(port("DEV_PORT", None, 9_000).unwrap(), 9_000);
        for wrong in ["80", "40000", "70000", "api", "-1"] {
            let said = port("DEV_PORT", Some(wrong.to_owned()), 1)
                .unwrap_err()
                .to_string();
            assert!(said.contains("DEV_PORT") && said.contains(wrong), "{said}");
        }
    }

    #[test]
    fn a_taken_port_is_named_with_a_way_out() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let said = refuse_taken(port, "where x", "`make dev DEV_PORT=9100`")
            .unwrap_err()
            .to_string();
        assert!(
            said.contains(&port.to_string()) && said.contains("DEV_PORT"),
            "{said}"
        );
    }
}
