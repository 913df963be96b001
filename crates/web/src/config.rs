use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use witan_config::Reader;
use witan_kv::Quota;

use crate::Cursors;
use crate::cookies::Origins;

const QUARTER_HOUR: Duration = Duration::from_secs(15 * 60);
/// Production's limits are the product's; development's let tests and demos run.
const GENERAL: (u32, u32) = (100, 6_000_000);
const API: (u32, u32) = (30, 6_000_000);
const AUTH: (u32, u32) = (5, 100_000);
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The settings of what every service does with a request.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// How many requests are let through.
    pub limits: Limits,
    /// Who may say, in `X-Forwarded-For`, for whom they ask.
    pub trusted_proxies: Vec<IpNet>,
    /// Whose pages may change something with cookies.
    pub origins: Origins,
    /// How often a quiet stream shows that it is alive.
    pub sse_heartbeat: Duration,
    /// Makes and reads cursors.
    pub cursors: Cursors,
}

/// How many requests are let through, each per address or user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// All requests of an address.
    pub general: Quota,
    /// Requests of a user to operations that cost something.
    pub api: Quota,
    /// Requests of an address to operations that passwords and tokens could be guessed with.
    pub auth: Quota,
}

impl WebConfig {
    /// Reads `RATE_LIMIT_GENERAL` and `RATE_LIMIT_API` (per minute), `RATE_LIMIT_AUTH` (per 15 minutes),
    /// `TRUSTED_PROXIES` (addresses or networks), `WITAN_ALLOWED_ORIGINS`, `SSE_HEARTBEAT` and `WITAN_CURSOR_KEY`.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let limits = Limits::read(r);
        let trusted_proxies = trusted_proxies(r);
        let origins = Origins::read(r);
        let sse_heartbeat = r.duration("SSE_HEARTBEAT", HEARTBEAT);
        let cursors = Cursors::read(r);
        Some(Self {
            limits: limits?,
            trusted_proxies: trusted_proxies?,
            origins: origins?,
            sse_heartbeat: sse_heartbeat?,
            cursors: cursors?,
        })
    }
}

impl Limits {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let general = burst(r, "RATE_LIMIT_GENERAL", GENERAL);
        let api = burst(r, "RATE_LIMIT_API", API);
        let auth = burst(r, "RATE_LIMIT_AUTH", AUTH);
        Some(Self {
            general: Quota::per_minute(general?),
            api: Quota::per_minute(api?),
            auth: Quota { burst: auth?, per: QUARTER_HOUR },
        })
    }
}

fn burst(r: &mut Reader<'_>, name: &str, (production, development): (u32, u32)) -> Option<u32> {
    let default = if r.environment().is_production() { production } else { development };
    match r.or(name, default)? {
        0 => r.mistake(name, "must be at least 1"),
        burst => Some(burst),
    }
}

/// An address alone is a network of one.
fn trusted_proxies(r: &mut Reader<'_>) -> Option<Vec<IpNet>> {
    const NAME: &str = "TRUSTED_PROXIES";
    if !r.is_set(NAME) {
        // The gateway of a laptop or a small server is on the same machine.
        return Some(vec![IpNet::from(IpAddr::from([127, 0, 0, 1]))]);
    }
    let texts: Vec<String> = r.list(NAME)?;
    let parse =
        |text: &String| text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok();
    match texts.iter().map(parse).collect() {
        Some(networks) => Some(networks),
        None => r.mistake(NAME, "must be addresses or networks such as `10.0.0.0/8`, separated by commas"),
    }
}
