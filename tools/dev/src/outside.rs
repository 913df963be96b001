use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// The environment this tool was started in, read once.
#[derive(Clone, Debug)]
pub(crate) struct Outside(BTreeMap<String, String>);

impl Outside {
    pub(crate) fn read() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "the one place of this tool that reads its environment"
        )]
        let vars = std::env::vars_os();
        Self(vars.filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect())
    }

    #[cfg(test)]
    pub(crate) fn from(name: &str, value: &str) -> Self {
        Self(BTreeMap::from([(name.to_owned(), value.to_owned())]))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// What every program needs to run at all, and nothing a user's shell might add to it.
    pub(crate) fn essentials(&self) -> BTreeMap<String, String> {
        let mut env: BTreeMap<_, _> =
            ["HOME", "LANG", "TZ", "RUST_BACKTRACE", "SSL_CERT_FILE", "SSL_CERT_DIR"]
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), self.get(name)?.to_owned())))
                .collect();
        env.insert("PATH".to_owned(), self.path());
        env
    }

    /// `PATH`, with the folders of system programs that users often lack.
    fn path(&self) -> String {
        format!(
            "{}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin",
            self.get("PATH").unwrap_or_default()
        )
    }

    pub(crate) fn program(&self, name: &str, package: &str) -> Result<PathBuf> {
        match self.path().split(':').map(|dir| Path::new(dir).join(name)).find(|p| p.is_file()) {
            Some(path) => Ok(path),
            None => bail!("{name} is not installed: run ./scripts/up, or `apt-get install {package}`"),
        }
    }
}
