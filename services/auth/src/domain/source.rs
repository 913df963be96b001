//! Where tries come from, as coarsely as an attacker is likely to own addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The network that an address counts as: 24 bits of IPv4, 64 bits of IPv6. One of IPv4 written as IPv6 is one of IPv4.
pub fn bucket(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V4(address)) => {
            format!("{}/24", Ipv4Addr::from_bits(address.to_bits() & !0xff))
        }
        Ok(IpAddr::V6(address)) => {
            format!("{}/64", Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
        Err(_) => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_count_as_one() {
        for (address, network) in [
            ("203.0.113.7", "203.0.113.0/24"),
            ("203.0.113.255", "203.0.113.0/24"),
            ("203.0.114.1", "203.0.114.0/24"),
            ("::ffff:203.0.113.9", "203.0.113.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
            ("", "unknown"),
        ] {
            assert_eq!(bucket(address), network, "{address}");
        }
    }
}
