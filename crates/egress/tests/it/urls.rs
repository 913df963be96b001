//! What a URL may look like, at save and at every call alike.

use std::time::Duration;

use http::Method;
use url::Url;
use witan_egress::{Egress, EgressConfig, EgressError, Outgoing, UrlFault, custom_header};

fn verdict(config: &EgressConfig, url: &str) -> String {
    let egress = Egress::new(config).unwrap();
    match egress.guarded().check_url(&Url::parse(url).unwrap()) {
        Ok(()) => "ok".to_owned(),
        Err(error) => error.to_string(),
    }
}

const BLOCKED: &[&str] = &[
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://127.0.0.1./",
    "https://１２７.0.0.1/",
    "https://0/",
    "https://10.0.0.8/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001::1]/",
    "https://[fec0::1]/",
    "https://[fd00:ec2::254]/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.100.100.200/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://ｌocalhost/",
    "https://api.localhost/",
    "https://printer.local/",
    "https://db.internal./",
    "https://router.lan/",
    "https://nas.home.arpa/",
    "https://metadata.google.internal/",
    "https://metadata/",
    "https://intranet/",
];

#[test]
fn blocked_addresses_in_every_spelling_give_one_text() {
    for url in BLOCKED {
        assert_eq!(verdict(&EgressConfig::strict(), url), "blocked address", "{url}");
    }
}

#[test]
fn a_zone_identifier_is_no_url_at_all() {
    assert!(Url::parse("https://[fe80::1%25eth0]/").is_err());
    assert!(Url::parse("https://[fe80::1%eth0]/").is_err());
}

#[test]
fn the_rest_is_told_apart() {
    let strict = |url: &str| verdict(&EgressConfig::strict(), url);
    assert_eq!(strict("https://example.com/hook"), "ok");
    assert_eq!(strict("https://xn--bcher-kva.example.com/hook"), "ok");
    assert_eq!(strict("http://example.com/"), "unacceptable URL: the scheme must be https");
    assert_eq!(strict("ftp://example.com/"), "unacceptable URL: the scheme must be https");
    assert_eq!(strict("file:///etc/passwd"), "unacceptable URL: the scheme must be https");
    assert_eq!(
        strict("https://a:b@example.com/"),
        "unacceptable URL: credentials in the URL are not allowed"
    );
    assert_eq!(strict("https://a@example.com/"), "unacceptable URL: credentials in the URL are not allowed");
    assert_eq!(strict("https://example.com:8443/"), "unacceptable URL: this port is not allowed");
    assert_eq!(
        strict(&format!("https://example.com/{}", "a".repeat(2048))),
        "unacceptable URL: the URL is too long"
    );
}

#[test]
fn a_developer_reaches_his_own_machine_but_no_other_protocol_and_no_metadata() {
    let development = |url: &str| verdict(&EgressConfig::development(), url);
    assert_eq!(development("http://127.0.0.1:5678/webhook/x"), "ok");
    assert_eq!(development("http://localhost:5678/"), "ok");
    assert_eq!(development("http://[::1]:5678/"), "ok");
    assert_eq!(development("http://192.168.1.7/"), "ok");
    assert_eq!(development("http://169.254.169.254/"), "blocked address");
    assert_eq!(development("http://[fd00:ec2::254]/"), "blocked address");
    assert_eq!(development("http://metadata.google.internal/"), "blocked address");
    assert_eq!(development("http://0.0.0.0:5678/"), "blocked address");
    for port in [22, 25, 5432, 5672, 6379, 11211] {
        assert_eq!(
            development(&format!("http://127.0.0.1:{port}/")),
            "unacceptable URL: this port is not allowed"
        );
    }
}

#[tokio::test]
async fn a_call_is_checked_as_a_save_is() {
    let guarded = Egress::new(&EgressConfig::strict()).unwrap().guarded();
    for url in BLOCKED {
        let request = Outgoing::new(Method::GET, Url::parse(url).unwrap()).timeout(Duration::from_secs(5));
        assert!(matches!(guarded.send(request.clone()).await, Err(EgressError::Blocked)), "{url}");
        assert!(matches!(guarded.stream(request).await, Err(EgressError::Blocked)), "{url}");
    }
}

#[test]
fn headers_of_others_cannot_take_ours() {
    for name in [
        "Host",
        "content-length",
        "Transfer-Encoding",
        "webhook-id",
        "X-Forwarded-For",
        "traceparent",
        "Metadata-Flavor",
        "Proxy-Authorization",
        "a b",
        "a\r\nb",
        "",
    ] {
        let refused = custom_header(name, "x");
        assert!(matches!(refused, Err(EgressError::Url(UrlFault::Header))), "{name}");
    }
    for value in ["a\r\nhost: b", "a\nb", "a\0", "é", &"a".repeat(1025)] {
        assert!(custom_header("x-api-key", value).is_err(), "{value:?}");
    }
    let (_, value) = custom_header("X-Api-Key", "secret").unwrap();
    assert!(value.is_sensitive());
}
