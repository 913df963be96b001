//! Settings.

mod kept;
mod passkeys;
mod providers;

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;
use lettre::message::Mailbox;
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use witan_config::Reader;

pub(crate) use self::kept::Kept;
use crate::domain::email::EmailAddress;
use crate::domain::service_client::ServiceClients;
use crate::domain::session::Lifetimes;
use crate::domain::webauthn::RelyingParty;
use crate::mail::Route;

pub use providers::{OidcConfig, TrustedIssuer};

const ACCESS_TTL: Duration = Duration::from_secs(15 * 60);
const REFRESH_TTL: Duration = Duration::from_secs(7 * 24 * 3600);
const SESSION_TTL: Duration = Duration::from_secs(30 * 24 * 3600);
const VERIFICATION_TTL: Duration = Duration::from_secs(24 * 3600);
const RESET_TTL: Duration = Duration::from_secs(3600);
const MAGIC_LINK_TTL: Duration = Duration::from_secs(600);
const DELETION_GRACE: Duration = Duration::from_secs(30 * 24 * 3600);
const KEY_ROTATION: Duration = Duration::from_secs(90 * 24 * 3600);
const KEY_PUBLISHED: Duration = Duration::from_secs(24 * 3600);
const SHORTEST_PUBLISHED: TimeDelta = TimeDelta::minutes(10);
const LONGEST_ACCESS_TTL: Duration = Duration::from_secs(3600);
const MAILS_PER_HOUR: i64 = 5;
const BREACHES_URL: &str = "https://api.pwnedpasswords.com";
const OFF: &str = "off";
const PUBLIC_URL: &str = "http://127.0.0.1:8080";
const OUTBOX: &str = ".witan/mail";

/// Everything that can be set about auth.
pub struct AuthConfig {
    /// Of what a log-in hands out.
    pub lifetimes: Lifetimes,
    /// How long a verification link works.
    pub verification_ttl: TimeDelta,
    /// How long a link for a new password works.
    pub reset_ttl: TimeDelta,
    /// How long a link that logs in works.
    pub magic_link_ttl: TimeDelta,
    /// Where browsers go once they are logged in.
    pub landing: Url,
    /// For how long the deletion of an account can be taken back.
    pub deletion_grace: TimeDelta,
    /// How many passwords are hashed at once.
    pub hash_slots: usize,
    /// Signing keys.
    pub keys: KeyConfig,
    /// Whose accounts run the installation; folded as accounts are compared by.
    pub platform_admins: HashSet<String>,
    /// Where passwords are looked up that attackers know; `None` where nobody wants that.
    pub breaches: Option<Url>,
    /// Programs that may ask for tokens of internal APIs.
    pub service_clients: ServiceClients,
    /// The provider that people sign in with, if there is one.
    pub oidc: Option<OidcConfig>,
    /// Issuers whose tokens are taken for ours.
    pub trusted_issuers: Vec<TrustedIssuer>,
    /// Words that make a password easy to guess here, such as the company's name.
    pub password_words: Vec<String>,
    /// How long things are kept that nobody can use any longer.
    pub(crate) kept: Kept,
    /// Whom passkeys are for.
    pub passkeys: RelyingParty,
    /// Mails.
    pub mail: MailConfig,
}

/// When signing keys are replaced.
#[derive(Debug, Clone, Copy)]
pub struct KeyConfig {
    /// How long a key signs.
    pub every: TimeDelta,
    /// How long it is published before.
    pub published: TimeDelta,
}

/// How mails are sent.
pub struct MailConfig {
    /// Sender.
    pub from: Mailbox,
    /// The way out.
    pub route: Route,
    /// Most mails one recipient gets in an hour, however often somebody asks.
    pub per_hour: i64,
    /// Where a mailed invitation is looked at.
    pub invitation_page: Url,
}

impl AuthConfig {
    /// Reads the section.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let public_url = check_public_url(r);
        let lifetimes = read_lifetimes(r);
        let verification_ttl = read_delta(r, "AUTH_VERIFICATION_TTL", VERIFICATION_TTL);
        let reset_ttl = read_delta(r, "AUTH_RESET_TTL", RESET_TTL);
        let magic_link_ttl = read_delta(r, "AUTH_MAGIC_LINK_TTL", MAGIC_LINK_TTL);
        let landing = public_url.and_then(|url| read_page(r, "AUTH_LANDING_URL", url));
        let deletion_grace = read_delta(r, "AUTH_DELETION_GRACE", DELETION_GRACE);
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let hash_slots = r.or("AUTH_HASH_SLOTS", cores).map(NonZeroUsize::get);
        let keys = read_keys(r);
        let platform_admins = read_admins(r);
        let breaches = read_breaches(r);
        let service_clients = read_service_clients(r);
        let oidc = providers::read_oidc(r);
        let trusted_issuers = providers::read_trusted(r);
        let password_words = r.list("AUTH_PASSWORD_WORDS");
        let kept = Kept::read(r, verification_ttl);
        let passkeys = passkeys::read(r);
        let mail = MailConfig::read(r, landing.clone());
        Some(Self {
            lifetimes: lifetimes?,
            verification_ttl: verification_ttl?,
            reset_ttl: reset_ttl?,
            magic_link_ttl: magic_link_ttl?,
            landing: landing?,
            deletion_grace: deletion_grace?,
            hash_slots: hash_slots?,
            keys: keys?,
            platform_admins: platform_admins?,
            breaches: breaches?,
            service_clients: service_clients?,
            oidc: oidc?,
            trusted_issuers: trusted_issuers?,
            password_words: password_words?,
            kept: kept?,
            passkeys: passkeys?,
            mail: mail?,
        })
    }
}

impl MailConfig {
    fn read(r: &mut Reader<'_>, landing: Option<Url>) -> Option<Self> {
        let from = r.or_dev("MAIL_FROM", Mailbox::new(Some("Witan".to_owned()), default_sender()?));
        let route = read_route(r);
        let per_hour = r.or("AUTH_MAILS_PER_HOUR", MAILS_PER_HOUR);
        let page = landing.and_then(|landing| read_page(r, "AUTH_INVITATION_URL", landing));
        Some(Self { from: from?, route: route?, per_hour: per_hour?, invitation_page: page? })
    }
}

fn default_sender() -> Option<lettre::Address> {
    lettre::Address::new("no-reply", "witan.localhost").ok()
}

/// Mailed links begin with the public address, and carry secrets.
fn check_public_url(r: &mut Reader<'_>) -> Option<Url> {
    const NAME: &str = "WITAN_PUBLIC_URL";
    let url = r.url_or_dev(NAME, PUBLIC_URL)?;
    match url.scheme() {
        "https" => Some(url),
        "http" if !r.environment().is_production() => Some(url),
        "http" => r.mistake(NAME, "must be https in production: mailed links carry secrets"),
        _ => r.mistake(NAME, "must be an http or https address"),
    }
}

/// A page that people use; `usual` unless it is elsewhere.
fn read_page(r: &mut Reader<'_>, name: &'static str, usual: Url) -> Option<Url> {
    let page = r.or(name, usual)?;
    match page.scheme() {
        "https" => Some(page),
        "http" if !r.environment().is_production() => Some(page),
        _ => r.mistake(name, "must be an https address; in development http will do"),
    }
}

fn read_lifetimes(r: &mut Reader<'_>) -> Option<Lifetimes> {
    let access = r.duration("AUTH_ACCESS_TTL", ACCESS_TTL);
    let idle = r.duration("AUTH_REFRESH_TTL", REFRESH_TTL);
    let absolute = r.duration("AUTH_SESSION_TTL", SESSION_TTL);
    let (access, idle, absolute) = (access?, idle?, absolute?);
    if access > LONGEST_ACCESS_TTL {
        return r
            .mistake("AUTH_ACCESS_TTL", "must be at most 1h: nothing but time takes an access token back");
    }
    if !(access <= idle && idle <= absolute) {
        return r
            .mistake("AUTH_REFRESH_TTL", "must be at least AUTH_ACCESS_TTL and at most AUTH_SESSION_TTL");
    }
    let delta = |duration| TimeDelta::from_std(duration).ok();
    match (delta(access), delta(idle), delta(absolute)) {
        (Some(access), Some(idle), Some(absolute)) => Some(Lifetimes { access, idle, absolute }),
        _ => r.mistake("AUTH_SESSION_TTL", "is too long"),
    }
}

fn read_keys(r: &mut Reader<'_>) -> Option<KeyConfig> {
    let every = read_delta(r, "AUTH_KEY_ROTATION", KEY_ROTATION);
    let published = read_delta(r, "AUTH_KEY_PUBLISHED", KEY_PUBLISHED);
    let (every, published) = (every?, published?);
    if published < SHORTEST_PUBLISHED {
        return r.mistake(
            "AUTH_KEY_PUBLISHED",
            "must be at least 10m: verifiers keep what they know for five minutes",
        );
    }
    if every <= published {
        return r.mistake("AUTH_KEY_ROTATION", "must be longer than AUTH_KEY_PUBLISHED");
    }
    Some(KeyConfig { every, published })
}

fn read_admins(r: &mut Reader<'_>) -> Option<HashSet<String>> {
    const NAME: &str = "AUTH_PLATFORM_ADMINS";
    let text = r.or(NAME, String::new())?;
    let addresses = text.split(',').map(str::trim).filter(|address| !address.is_empty());
    let keys: Result<_, _> = addresses
        .map(|address| EmailAddress::parse(address).map(|address| address.key().to_owned()))
        .collect();
    match keys {
        Ok(keys) => Some(keys),
        Err(error) => r.mistake(NAME, format!("holds an address that {error}")),
    }
}

fn read_service_clients(r: &mut Reader<'_>) -> Option<ServiceClients> {
    const NAME: &str = "AUTH_SERVICE_CLIENTS";
    let entries = r.list::<String>(NAME)?;
    match ServiceClients::parse(&entries) {
        Ok(clients) => Some(clients),
        Err(error) => r.mistake(NAME, error.to_string()),
    }
}

/// In development nothing is asked unless it is said where.
fn read_breaches(r: &mut Reader<'_>) -> Option<Option<Url>> {
    const NAME: &str = "AUTH_BREACHES_URL";
    let default = if r.environment().is_production() { BREACHES_URL } else { OFF };
    let text = r.or(NAME, default.to_owned())?;
    if text == OFF {
        return Some(None);
    }
    // A base without a slash at its end would lose its last segment.
    match Url::parse(&format!("{}/", text.trim_end_matches('/'))) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => Some(Some(url)),
        _ => r.mistake(NAME, "must be an http or https address, or `off`"),
    }
}

fn read_delta(r: &mut Reader<'_>, name: &str, default: Duration) -> Option<TimeDelta> {
    let duration = r.duration(name, default)?;
    match TimeDelta::from_std(duration) {
        Ok(delta) => Some(delta),
        Err(_) => r.mistake(name, "is too long"),
    }
}

fn read_route(r: &mut Reader<'_>) -> Option<Route> {
    let production = r.environment().is_production();
    let folder = r.optional::<PathBuf>("MAIL_OUTBOX_DIR")?;
    match (r.optional_secret("SMTP_URL"), folder) {
        (Some(_), Some(_)) => r.mistake("MAIL_OUTBOX_DIR", "cannot be set together with SMTP_URL"),
        (Some(url), None) => check_smtp(r, url, production),
        (None, Some(_)) if production => {
            r.mistake("MAIL_OUTBOX_DIR", "is for development: production sends through SMTP_URL")
        }
        (None, None) if production => r.mistake("SMTP_URL", "is required and not set"),
        (None, folder) => Some(Route::Folder(folder.unwrap_or_else(|| OUTBOX.into()))),
    }
}

fn check_smtp(r: &mut Reader<'_>, url: SecretString, production: bool) -> Option<Route> {
    let Ok(parsed) = Url::parse(url.expose_secret()) else {
        return r.mistake("SMTP_URL", "is not a URL");
    };
    if !matches!(parsed.scheme(), "smtp" | "smtps") || parsed.host_str().is_none() {
        return r.mistake("SMTP_URL", "must be like smtps://user:password@host:465");
    }
    let required = parsed.query_pairs().any(|(name, value)| name == "tls" && value == "required");
    if production && parsed.scheme() == "smtp" && !required {
        return r.mistake("SMTP_URL", "must use TLS in production: smtps:// or smtp://…?tls=required");
    }
    Some(Route::Smtp(url))
}

#[cfg(test)]
mod tests;
