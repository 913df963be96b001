use std::net::TcpListener;

use anyhow::{Context as _, Result, bail};

use crate::outside::Outside;

pub(crate) const OFFSET: &str = "WITAN_PORT_OFFSET";

/// Which set of private servers: the one of `up`, or those that tests and measurements run on beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Profile {
    /// Keeps its data, ports are known, durable settings.
    Up,
    /// Begins empty every time, takes any free ports, does not wait for the disk.
    Test,
    /// As tests have them, and kept in order as in production: what is measured has statistics and no garbage.
    Bench,
}

impl Profile {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Test => "test",
            Self::Bench => "bench",
        }
    }

    /// The folder of its data. Each offset is an installation of its own: ports and data differ, or two
    /// would meet in the same files.
    pub(crate) fn folder(self, outside: &Outside) -> Result<String> {
        Ok(match (self, offset(outside)?) {
            (Self::Up, 0) | (Self::Test | Self::Bench, _) => self.name().to_owned(),
            (Self::Up, offset) => format!("{}-{offset}", self.name()),
        })
    }

    pub(crate) fn is_durable(self) -> bool {
        self == Self::Up
    }
}

/// Where the private servers listen, all on 127.0.0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) postgres: u16,
    pub(crate) redis: u16,
    pub(crate) amqp: u16,
    pub(crate) amqp_management: u16,
    pub(crate) amqp_distribution: u16,
    pub(crate) epmd: u16,
    /// Added to every port of `up`, the services' own included.
    pub(crate) offset: u16,
}

impl Ports {
    pub(crate) fn of(profile: Profile, outside: &Outside) -> Result<Self> {
        match profile {
            Profile::Up => Self::known(outside),
            Profile::Test | Profile::Bench => Self::free(),
        }
    }

    fn known(outside: &Outside) -> Result<Self> {
        let offset = offset(outside)?;
        Ok(Self {
            postgres: 7432 + offset,
            redis: 7379 + offset,
            amqp: 7672 + offset,
            amqp_management: 7673 + offset,
            amqp_distribution: 7674 + offset,
            epmd: 7675 + offset,
            offset,
        })
    }

    /// Free ports below the range the kernel gives to outgoing connections, so that
    /// none is taken between this look and the server's start. Where the search
    /// begins differs by process, so that two test runs seldom meet.
    fn free() -> Result<Self> {
        let begin = 20_000 + u16::try_from(std::process::id() % 1_000)? * 10;
        let mut free = (begin..32_000).filter(|port| is_free(*port));
        let mut next = || free.next().context("no free port between 20000 and 32000: stop something");
        Ok(Self {
            postgres: next()?,
            redis: next()?,
            amqp: next()?,
            amqp_management: next()?,
            amqp_distribution: next()?,
            epmd: next()?,
            offset: 0,
        })
    }

    pub(crate) fn servers(&self) -> [(&'static str, u16); 6] {
        [
            ("PostgreSQL", self.postgres),
            ("Redis", self.redis),
            ("RabbitMQ", self.amqp),
            ("RabbitMQ's management", self.amqp_management),
            ("RabbitMQ's distribution", self.amqp_distribution),
            ("epmd", self.epmd),
        ]
    }
}

fn offset(outside: &Outside) -> Result<u16> {
    match outside.get(OFFSET) {
        None => Ok(0),
        Some(text) => match text.parse() {
            Ok(offset) if offset <= 50_000 => Ok(offset),
            _ => bail!("{OFFSET} is {text:?}: give a number from 0 to 50000"),
        },
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind(("127.0.0.1", port)).is_ok()
}

/// Refuses with one line that names the port, who holds it and what to do.
pub(crate) fn require_free<'a>(ports: impl IntoIterator<Item = (&'a str, u16)>) -> Result<()> {
    for (what, port) in ports {
        if !is_free(port) {
            let holder = crate::holder::of_port(port).map(|h| format!(" by {h}")).unwrap_or_default();
            bail!(
                "port {port} for {what} is in use{holder}: stop it, or move all of Witan with WITAN_PORT_OFFSET=100"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_port_is_named_with_who_holds_it() {
        let held = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = held.local_addr().unwrap().port();
        let message = require_free([("the gateway", port)]).unwrap_err().to_string();
        assert!(message.contains(&port.to_string()), "{message}");
        assert!(message.contains(&format!("pid {}", std::process::id())), "{message}");
    }

    #[test]
    fn each_offset_has_its_own_folder_and_tests_have_theirs() {
        let folder = |profile: Profile, offset: &str| profile.folder(&Outside::from(OFFSET, offset));
        assert_eq!(folder(Profile::Up, "").unwrap(), "up");
        assert_eq!(folder(Profile::Up, "0").unwrap(), "up");
        assert_eq!(folder(Profile::Up, "3000").unwrap(), "up-3000");
        assert_eq!(folder(Profile::Test, "3000").unwrap(), "test");
        assert!(folder(Profile::Up, "../x").is_err());
    }

    #[test]
    fn test_ports_are_distinct() {
        let mut ports: Vec<u16> = Ports::free().unwrap().servers().iter().map(|(_, p)| *p).collect();
        ports.dedup();
        assert_eq!(ports.len(), 6);
    }
}
