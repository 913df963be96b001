//! `TENANCY_…`.

use std::net::SocketAddr;
use std::time::Duration;

use chrono::TimeDelta;
use witan_config::Reader;

const INVITATION_TTL: Duration = Duration::from_secs(7 * 24 * 3600);
const INVITATIONS_PENDING: i64 = 200;
const INVITATIONS_PER_DAY: i64 = 200;
const INVITATION_RESEND_AFTER: Duration = Duration::from_secs(5 * 60);
const INVITATIONS_KEPT: Duration = Duration::from_secs(90 * 24 * 3600);
const DOMAIN_RECHECK: Duration = Duration::from_secs(24 * 3600);
const DOMAIN_GRACE: Duration = Duration::from_secs(3 * 24 * 3600);
const DELETION_GRACE: Duration = Duration::from_secs(30 * 24 * 3600);
/// An invitation is no open door.
const LONGEST_TTL: TimeDelta = TimeDelta::days(90);

/// Tenancy's own settings.
#[derive(Debug, Clone)]
pub struct TenancyConfig {
    pub(crate) invitations: InvitationRules,
    pub(crate) domains: DomainRules,
    /// For how long the deletion of a workspace can be taken back.
    pub(crate) deletion_grace: TimeDelta,
}

/// What holds for domains.
#[derive(Debug, Clone)]
pub(crate) struct DomainRules {
    /// Who is asked for TXT records; the system's own servers where none are named.
    pub(crate) servers: Vec<SocketAddr>,
    /// How often a proved domain is looked at again.
    pub(crate) recheck: TimeDelta,
    /// For how long its record may be gone.
    pub(crate) grace: TimeDelta,
}

/// What holds for invitations.
#[derive(Debug, Clone)]
pub(crate) struct InvitationRules {
    /// How long one can be accepted, where whoever invites says nothing.
    pub(crate) ttl: TimeDelta,
    /// How many of a workspace may wait.
    pub(crate) pending: i64,
    /// How many of a workspace may be made in a day.
    pub(crate) per_day: i64,
    /// How long one waits before it is mailed again.
    pub(crate) resend_after: TimeDelta,
    /// How long one is kept after its end.
    pub(crate) kept: TimeDelta,
}

impl TenancyConfig {
    /// Reads them.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let invitations = InvitationRules::read(r);
        let domains = DomainRules::read(r);
        let deletion_grace = delta(r, "TENANCY_DELETION_GRACE", DELETION_GRACE);
        Some(Self { invitations: invitations?, domains: domains?, deletion_grace: deletion_grace? })
    }
}

impl DomainRules {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let servers = r.list("TENANCY_DNS_SERVERS");
        let recheck = delta(r, "TENANCY_DOMAIN_RECHECK", DOMAIN_RECHECK);
        let grace = delta(r, "TENANCY_DOMAIN_GRACE", DOMAIN_GRACE);
        Some(Self { servers: servers?, recheck: recheck?, grace: grace? })
    }
}

impl InvitationRules {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let ttl = delta(r, "TENANCY_INVITATION_TTL", INVITATION_TTL);
        let pending = r.or("TENANCY_INVITATIONS_PENDING", INVITATIONS_PENDING);
        let per_day = r.or("TENANCY_INVITATIONS_PER_DAY", INVITATIONS_PER_DAY);
        let resend_after = delta(r, "TENANCY_INVITATION_RESEND_AFTER", INVITATION_RESEND_AFTER);
        let kept = delta(r, "TENANCY_INVITATIONS_KEPT", INVITATIONS_KEPT);
        let ttl = ttl?;
        if ttl <= TimeDelta::zero() || ttl > LONGEST_TTL {
            return r.mistake("TENANCY_INVITATION_TTL", "must be more than nothing and at most 90d");
        }
        Some(Self { ttl, pending: pending?, per_day: per_day?, resend_after: resend_after?, kept: kept? })
    }
}

fn delta(r: &mut Reader<'_>, name: &'static str, usual: Duration) -> Option<TimeDelta> {
    let duration = r.duration(name, usual)?;
    TimeDelta::from_std(duration).ok().or_else(|| r.mistake(name, "is too long"))
}

#[cfg(test)]
mod tests {
    use witan_config::Env;

    use super::*;

    #[test]
    fn an_invitation_that_never_ends_is_a_mistake() {
        for ttl in ["0s", "91d"] {
            let env = Env::from([("TENANCY_INVITATION_TTL", ttl)]);
            let mut reader = Reader::new(&env);
            let config = TenancyConfig::read(&mut reader);
            let mistakes = reader.finish(|| config).unwrap_err().to_string();
            assert!(mistakes.contains("TENANCY_INVITATION_TTL"), "{mistakes}");
        }
    }
}
