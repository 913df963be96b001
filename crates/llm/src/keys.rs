use std::collections::HashMap;
use std::fmt;

use secrecy::SecretString;

/// Keys that somebody brings along; they go before the platform's.
pub struct ProviderKeys {
    owner: String,
    keys: HashMap<String, SecretString>,
}

impl ProviderKeys {
    /// The keys of an owner, such as a workspace's id, by provider: `openai`, `groq`. Circuit breakers of calls with such
    /// a key are the owner's alone, so that a bad key shuts nobody else out.
    pub fn new(owner: impl Into<String>, keys: impl IntoIterator<Item = (String, SecretString)>) -> Self {
        Self { owner: owner.into(), keys: keys.into_iter().collect() }
    }

    /// Whose they are.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The key for a provider, if there is one.
    pub fn of(&self, provider: &str) -> Option<&SecretString> {
        self.keys.get(provider)
    }
}

impl fmt::Debug for ProviderKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderKeys").field("owner", &self.owner).finish_non_exhaustive()
    }
}
