//! The settings of every program of one `up`: addresses, generated secrets, the user's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::gateway::table::SERVICES;
use crate::keys::{KeyRing, parse};
use crate::outside::Outside;
use crate::stack::Setting;

const EXAMPLE: &str = include_str!("../../../../.env.example");

/// Everything the services, the gateway and the summary need to know.
pub(crate) struct Installation {
    pub(crate) checkout: PathBuf,
    pub(crate) programs: PathBuf,
    pub(crate) mail: PathBuf,
    pub(crate) offset: u16,
    pub(crate) demo_password: String,
    secrets: BTreeMap<&'static str, String>,
    passwords: BTreeMap<String, String>,
    own: BTreeMap<String, String>,
    outside: Outside,
}

impl Installation {
    pub(crate) fn new(
        checkout: &Path,
        setting: &Setting<'_>,
        ring: &mut KeyRing,
        programs: PathBuf,
    ) -> Result<Self> {
        let mail = setting.state.at("mail");
        std::fs::create_dir_all(&mail)?;
        let mut passwords = BTreeMap::new();
        for service in SERVICES {
            for role in [service.to_owned(), format!("{service}_owner")] {
                let password = ring.password(&format!("POSTGRES_{}_PASSWORD", role.to_uppercase()));
                passwords.insert(role, password);
            }
        }
        let secrets = BTreeMap::from([
            ("WITAN_ENCRYPTION_KEYS", format!("k1:{}", ring.key("ENCRYPTION_KEY"))),
            ("WITAN_INTERNAL_KEY", ring.key("INTERNAL_KEY")),
            ("WITAN_CURSOR_KEY", ring.key("CURSOR_KEY")),
        ]);
        Ok(Self {
            checkout: checkout.to_owned(),
            programs,
            mail,
            offset: setting.ports.offset,
            demo_password: ring.password("DEMO_PASSWORD"),
            secrets,
            passwords,
            own: own_settings(checkout, setting.outside)?,
            outside: setting.outside.clone(),
        })
    }

    pub(crate) fn gateway_port(&self) -> u16 {
        8080 + self.offset
    }

    pub(crate) fn traces_port(&self) -> u16 {
        7318 + self.offset
    }

    pub(crate) fn public_port(&self, service: &str) -> u16 {
        7101 + position(service) + self.offset
    }

    pub(crate) fn internal_port(&self, service: &str) -> u16 {
        7201 + position(service) + self.offset
    }

    pub(crate) fn public_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.gateway_port())
    }

    pub(crate) fn traces_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.traces_port())
    }

    /// The ports `up` needs besides those of the servers.
    pub(crate) fn ports(&self) -> Vec<(&str, u16)> {
        let mut ports = vec![("the gateway", self.gateway_port()), ("traces", self.traces_port())];
        for service in SERVICES {
            ports.extend([(service, self.public_port(service)), (service, self.internal_port(service))]);
        }
        ports
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    pub(crate) fn database_passwords(&self, service: &str) -> (&str, &str) {
        let of = |role: &str| self.passwords.get(role).map_or("", String::as_str);
        (of(&format!("{service}_owner")), of(service))
    }

    /// Defaults of a laptop, then what the user says in `.env` or in the shell, then where the
    /// private servers are.
    pub(crate) fn env(&self, setting: &Setting<'_>) -> BTreeMap<String, String> {
        let mut env = self.outside.essentials();
        let laptop = [
            ("WITAN_ENV", "development".to_owned()),
            ("WITAN_LOG_FORMAT", "text".to_owned()),
            // Glibc keeps an arena per thread, and what hashing a password took once: both are given back.
            ("MALLOC_ARENA_MAX", "2".to_owned()),
            ("MALLOC_MMAP_THRESHOLD_", "1048576".to_owned()),
            ("WITAN_PUBLIC_URL", self.public_url()),
            ("WITAN_ISSUER", self.public_url()),
            ("EGRESS_ALLOW_PRIVATE", "true".to_owned()),
            ("EGRESS_ALLOW_HTTP", "true".to_owned()),
            ("MAIL_OUTBOX_DIR", self.mail.display().to_string()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", self.traces_url()),
            // A person who follows the traces should not wait the usual five seconds.
            ("OTEL_BSP_SCHEDULE_DELAY", "300".to_owned()),
        ];
        env.extend(laptop.map(|(name, value)| (name.to_owned(), value)));
        env.extend(self.secrets.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        env.extend(self.own.clone());
        if env.contains_key("SMTP_URL") {
            // Mails go one way or the other.
            env.remove("MAIL_OUTBOX_DIR");
        }
        env.insert("REDIS_URL".to_owned(), setting.redis_url());
        env.insert("AMQP_URL".to_owned(), format!("{}/witan", setting.amqp_url()));
        for service in SERVICES {
            let name = |suffix: &str| format!("{}_{suffix}", service.to_uppercase());
            let (owner, app) = self.database_passwords(service);
            let base = format!("127.0.0.1:{}/witan", setting.ports.postgres);
            env.insert(name("DATABASE_URL"), format!("postgres://witan_{service}:{app}@{base}"));
            env.insert(
                name("MIGRATE_DATABASE_URL"),
                format!("postgres://witan_{service}_owner:{owner}@{base}"),
            );
            env.insert(name("LISTEN"), format!("127.0.0.1:{}", self.public_port(service)));
            env.insert(name("INTERNAL_LISTEN"), format!("127.0.0.1:{}", self.internal_port(service)));
            env.insert(name("INTERNAL_URL"), format!("http://127.0.0.1:{}", self.internal_port(service)));
        }
        env
    }
}

fn position(service: &str) -> u16 {
    SERVICES.iter().position(|s| *s == service).and_then(|p| u16::try_from(p).ok()).unwrap_or_default()
}

/// `.env` of the checkout, over which goes what the shell says of the same names. Only names
/// that `.env.example` documents are taken from the shell: a foreign `REDIS_URL` is none of ours.
fn own_settings(checkout: &Path, outside: &Outside) -> Result<BTreeMap<String, String>> {
    let path = checkout.join(".env");
    let mut own = match std::fs::read_to_string(&path) {
        Ok(text) => parse(&text),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
        Err(e) => return Err(e).with_context(|| format!("cannot read {}", path.display())),
    };
    for name in documented() {
        if let Some(value) = outside.get(name) {
            own.insert(name.to_owned(), value.to_owned());
        }
    }
    own.retain(|_, value| !value.is_empty());
    Ok(own)
}

/// Every name in `.env.example`, set there or commented out.
pub(crate) fn documented() -> impl Iterator<Item = &'static str> {
    EXAMPLE
        .lines()
        .filter_map(|line| line.trim_start_matches("# ").split_once('='))
        .map(|(name, _)| name)
        .filter(|name| {
            !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        })
}
