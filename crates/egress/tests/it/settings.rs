//! Settings that production refuses.

use witan_config::{Env, Reader};
use witan_egress::EgressConfig;

fn read<const N: usize>(vars: [(&str, &str); N]) -> Result<EgressConfig, String> {
    let env = Env::from(vars);
    let mut reader = Reader::new(&env);
    let config = EgressConfig::read(&mut reader);
    reader.finish(|| config).map_err(|mistakes| mistakes.to_string())
}

#[test]
fn private_addresses_and_plain_http_are_for_development() {
    let error = read([("WITAN_ENV", "production"), ("EGRESS_ALLOW_PRIVATE", "true")]).unwrap_err();
    assert!(error.contains("EGRESS_ALLOW_PRIVATE"), "{error}");
    let error = read([("WITAN_ENV", "production"), ("EGRESS_ALLOW_HTTP", "true")]).unwrap_err();
    assert!(error.contains("EGRESS_ALLOW_HTTP"), "{error}");
    assert!(read([("WITAN_ENV", "production"), ("EGRESS_ALLOW_CIDRS", "10.1.0.0/16, fd12::/16")]).is_ok());
    assert!(read([("EGRESS_ALLOW_PRIVATE", "true")]).is_ok());
}

#[test]
fn a_network_that_is_none_is_named() {
    let error = read([("EGRESS_ALLOW_CIDRS", "10.1.0.0/99")]).unwrap_err();
    assert!(error.contains("EGRESS_ALLOW_CIDRS"), "{error}");
}
