//! Which addresses belong to the public internet.
//!
//! IPv4 is allowed unless a range of the IANA special-purpose registry (RFC 6890 and its updates) says otherwise; IPv6
//! is refused outside `2000::/3`, and inside it for the ranges that carry or stand for something else. IPv4-mapped
//! addresses are judged as the IPv4 address they carry; every other embedding (compatible, NAT64, 6to4, Teredo) is refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, c: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// Never reached from a server that talks to partners.
const REFUSED_V4: &[Ipv4Net] = &[
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    // Azure's host agent answers here, inside public space.
    v4(168, 63, 129, 16, 32),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 31, 196, 0, 24),
    v4(192, 52, 193, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(192, 175, 48, 0, 24),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 0, 3);

/// Inside `2000::/3` and still not a host of the internet.
const REFUSED_V6: &[Ipv6Net] = &[
    // IETF protocol assignments: Teredo, ORCHID, ORCHIDv2, benchmarking, drone identifiers.
    v6(0x2001, 0, 0, 23),
    v6(0x2001, 0x0db8, 0, 32),
    // 6to4 carries an IPv4 address of anybody's choice.
    v6(0x2002, 0, 0, 16),
    v6(0x2620, 0x004f, 0x8000, 48),
    v6(0x3ffe, 0, 0, 16),
    v6(0x3fff, 0, 0, 20),
];

/// What `EGRESS_ALLOW_PRIVATE` opens on a developer's machine. Link-local stays shut: cloud metadata lives there.
const PRIVATE: &[IpNet] = &[
    IpNet::V4(v4(10, 0, 0, 0, 8)),
    IpNet::V4(v4(127, 0, 0, 0, 8)),
    IpNet::V4(v4(172, 16, 0, 0, 12)),
    IpNet::V4(v4(192, 168, 0, 0, 16)),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
    IpNet::V6(v6(0xfc00, 0, 0, 7)),
];

/// Amazon's metadata service on IPv6, inside the private range above.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254);

/// Whether an address is a host of the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(ip) => !REFUSED_V4.iter().any(|net| net.contains(&ip)),
        IpAddr::V6(ip) => GLOBAL_V6.contains(&ip) && !REFUSED_V6.iter().any(|net| net.contains(&ip)),
    }
}

/// The rule for one process: public addresses, and what its settings add.
#[derive(Debug, Clone, Default)]
pub(crate) struct AddressRule {
    pub(crate) allow_private: bool,
    pub(crate) allow: Vec<IpNet>,
}

impl AddressRule {
    pub(crate) fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if self.allow.iter().any(|net| net.contains(&address)) {
            return true;
        }
        if address == IpAddr::V6(METADATA_V6) {
            return false;
        }
        is_public(address) || (self.allow_private && PRIVATE.iter().any(|net| net.contains(&address)))
    }

    /// Whether names that only mean something inside a network may be looked up at all.
    pub(crate) fn permits_local_names(&self) -> bool {
        self.allow_private || !self.allow.is_empty()
    }
}
