//! Every range that is not the public internet, with an address on each edge.

use std::net::IpAddr;

use witan_egress::is_public;

const BLOCKED: &[(&str, &str)] = &[
    ("this network", "0.0.0.0"),
    ("this network", "0.255.255.255"),
    ("private", "10.0.0.0"),
    ("private", "10.255.255.255"),
    ("carrier NAT", "100.64.0.0"),
    ("Alibaba metadata", "100.100.100.200"),
    ("carrier NAT", "100.127.255.255"),
    ("loopback", "127.0.0.1"),
    ("loopback", "127.255.255.254"),
    ("Azure host agent", "168.63.129.16"),
    ("link-local", "169.254.0.1"),
    ("metadata", "169.254.169.254"),
    ("ECS metadata", "169.254.170.2"),
    ("private", "172.16.0.0"),
    ("private", "172.31.255.255"),
    ("IETF assignments", "192.0.0.170"),
    ("documentation", "192.0.2.1"),
    ("AS112", "192.31.196.1"),
    ("AMT", "192.52.193.1"),
    ("6to4 relay", "192.88.99.1"),
    ("private", "192.168.0.1"),
    ("AS112", "192.175.48.1"),
    ("benchmarks", "198.18.0.1"),
    ("benchmarks", "198.19.255.255"),
    ("documentation", "198.51.100.7"),
    ("documentation", "203.0.113.7"),
    ("multicast", "224.0.0.1"),
    ("multicast", "239.255.255.255"),
    ("reserved", "240.0.0.1"),
    ("broadcast", "255.255.255.255"),
    ("unspecified", "::"),
    ("loopback", "::1"),
    ("IPv4-mapped loopback", "::ffff:127.0.0.1"),
    ("IPv4-mapped metadata", "::ffff:a9fe:a9fe"),
    ("IPv4-mapped private", "::ffff:10.1.2.3"),
    ("IPv4-compatible", "::127.0.0.1"),
    ("IPv4-compatible public", "::8.8.8.8"),
    ("IPv4-translated", "::ffff:0:7f00:1"),
    ("NAT64", "64:ff9b::7f00:1"),
    ("NAT64 public", "64:ff9b::808:808"),
    ("local NAT64", "64:ff9b:1::1"),
    ("discard", "100::1"),
    ("Teredo", "2001::1"),
    ("benchmarks", "2001:2::1"),
    ("ORCHID", "2001:10::1"),
    ("ORCHIDv2", "2001:20::1"),
    ("drone identifiers", "2001:30::1"),
    ("documentation", "2001:db8::1"),
    ("6to4", "2002:7f00:1::1"),
    ("AS112", "2620:4f:8000::1"),
    ("6bone", "3ffe::1"),
    ("documentation", "3fff::1"),
    ("outside 2000::/3", "4000::1"),
    ("segment routing", "5f00::1"),
    ("unique local", "fc00::1"),
    ("Amazon metadata", "fd00:ec2::254"),
    ("link-local", "fe80::1"),
    ("site-local", "fec0::1"),
    ("multicast", "ff02::1"),
];

const PUBLIC: &[&str] = &[
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "168.63.129.17",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "203.0.112.255",
    "203.0.114.0",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2003::1",
    "2400:cb00::1",
    "2606:4700:4700::1111",
    "2a00:1450::1",
];

#[test]
fn special_ranges_are_blocked() {
    for (range, text) in BLOCKED {
        assert!(!is_public(text.parse::<IpAddr>().unwrap()), "{range}: {text}");
    }
}

#[test]
fn their_neighbours_are_not() {
    for text in PUBLIC {
        assert!(is_public(text.parse::<IpAddr>().unwrap()), "{text}");
    }
}
