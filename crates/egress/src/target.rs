//! What a URL may look like before anything is resolved.

use std::net::IpAddr;

use url::{Host, Url};

use crate::config::EgressConfig;
use crate::error::{EgressError, UrlFault};

const MAX_URL: usize = 2048;

/// Ports of protocols that could be made to take an HTTP request for their own.
const OTHER_PROTOCOLS: &[u16] = &[
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
    109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514,
    515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1433, 1521, 1719,
    1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 4369, 5060, 5061, 5432, 5671,
    5672, 5984, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 8500, 9042, 9092, 9200, 9300, 10080,
    10250, 11211, 25672, 27017,
];

/// Names that every cloud answers from inside, wherever they point.
const METADATA_NAMES: &[&str] =
    &["metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"];

/// Suffixes that name a host of the network we stand in (RFC 6761, RFC 6762, RFC 8375).
const LOCAL_SUFFIXES: &[&str] = &[
    "localhost",
    "localdomain",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "home.arpa",
];

/// Everything that can be said of a URL without looking its name up.
pub(crate) fn check(config: &EgressConfig, url: &Url) -> Result<(), EgressError> {
    if url.as_str().len() > MAX_URL {
        return Err(EgressError::Url(UrlFault::Length));
    }
    match url.scheme() {
        "https" => {}
        "http" if config.allow_http => {}
        _ => return Err(EgressError::Url(UrlFault::Scheme)),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EgressError::Url(UrlFault::Credentials));
    }
    check_host(config, url)?;
    check_port(config, url)
}

fn check_host(config: &EgressConfig, url: &Url) -> Result<(), EgressError> {
    // The parser has normalised decimal, octal, hexadecimal and short forms, full-width digits and letter case.
    match url.host().ok_or(EgressError::Url(UrlFault::Host))? {
        Host::Ipv4(ip) => check_literal(config, IpAddr::V4(ip)),
        Host::Ipv6(ip) => check_literal(config, IpAddr::V6(ip)),
        Host::Domain(name) => check_name(config, name),
    }
}

fn check_literal(config: &EgressConfig, ip: IpAddr) -> Result<(), EgressError> {
    if config.addresses.permits(ip) { Ok(()) } else { Err(EgressError::Blocked) }
}

/// Also asked by the resolver, so that no path reaches the network's own names.
pub(crate) fn check_name(config: &EgressConfig, name: &str) -> Result<(), EgressError> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    if name.is_empty() || METADATA_NAMES.contains(&name.as_str()) {
        return Err(EgressError::Blocked);
    }
    if config.addresses.permits_local_names() {
        return Ok(());
    }
    let local = LOCAL_SUFFIXES
        .iter()
        .any(|suffix| name.strip_suffix(suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    // A name without a dot is completed by the machine's search list: it never leaves the network.
    if local || !name.contains('.') { Err(EgressError::Blocked) } else { Ok(()) }
}

fn check_port(config: &EgressConfig, url: &Url) -> Result<(), EgressError> {
    let port = url.port_or_known_default().ok_or(EgressError::Url(UrlFault::Port))?;
    let allowed = match &config.ports {
        Some(ports) => ports.contains(&port),
        None => port != 0 && !OTHER_PROTOCOLS.contains(&port),
    };
    if allowed && !OTHER_PROTOCOLS.contains(&port) { Ok(()) } else { Err(EgressError::Url(UrlFault::Port)) }
}
