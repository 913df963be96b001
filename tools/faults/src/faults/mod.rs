//! What can break, one file each.

mod broker;
mod clock;
mod database;
mod redis;
mod services;

use std::time::Duration;

use anyhow::Result;

use crate::Form;
use crate::installation::Installation;

/// One way to break the system. Whatever it did, everything runs again when it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// SIGKILL to one program after the other.
    ProcessesKilled,
    /// SIGKILL to the broker, as when its machine loses power.
    BrokerKilled,
    /// The broker takes connections and says nothing.
    BrokerPaused,
    /// Nobody listens on the broker's port.
    BrokerAway,
    /// The broker has no disk left and takes no messages.
    BrokerFull,
    /// The database is shut down at once and recovers from its log.
    DatabaseRestarted,
    /// Redis takes connections and says nothing, then loses what it had.
    RedisGone,
    /// The services' clocks jump, forwards and back; the database's and the partner's do not.
    ClockJumps,
}

impl Fault {
    pub(crate) fn all() -> [Self; 8] {
        [
            Self::ProcessesKilled,
            Self::BrokerKilled,
            Self::BrokerPaused,
            Self::BrokerAway,
            Self::BrokerFull,
            Self::DatabaseRestarted,
            Self::RedisGone,
            Self::ClockJumps,
        ]
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ProcessesKilled => "processes-killed",
            Self::BrokerKilled => "broker-killed",
            Self::BrokerPaused => "broker-paused",
            Self::BrokerAway => "broker-away",
            Self::BrokerFull => "broker-full",
            Self::DatabaseRestarted => "database-restarted",
            Self::RedisGone => "redis-gone",
            Self::ClockJumps => "clock-jumps",
        }
    }

    /// How long it lasts.
    fn lasts(self, form: Form) -> Duration {
        let (short, long) = match self {
            Self::ProcessesKilled => (25, 600),
            Self::BrokerKilled | Self::DatabaseRestarted => (8, 60),
            Self::BrokerPaused => (8, 20),
            Self::BrokerAway => (15, 180),
            Self::BrokerFull => (8, 60),
            Self::RedisGone => (8, 60),
            Self::ClockJumps => (16, 300),
        };
        Duration::from_secs(if form == Form::Short { short } else { long })
    }

    pub(crate) fn describe(self, form: Form) -> String {
        format!("{} for {} s", self.name(), self.lasts(form).as_secs())
    }

    pub(crate) async fn strike(self, form: Form, installation: &Installation) -> Result<()> {
        let lasts = self.lasts(form);
        match self {
            Self::ProcessesKilled => services::kill_each(installation, lasts).await,
            Self::BrokerKilled => broker::kill(installation, lasts).await,
            Self::BrokerPaused => broker::pause(installation, lasts).await,
            Self::BrokerAway => broker::leave(installation, lasts).await,
            Self::BrokerFull => broker::fill(installation, lasts).await,
            Self::DatabaseRestarted => database::restart(installation, lasts).await,
            Self::RedisGone => redis::leave(installation, lasts).await,
            Self::ClockJumps => clock::jump(installation, lasts).await,
        }
    }
}
