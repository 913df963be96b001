//! Replaces signing keys by schedule.

use crate::config::AuthConfig;
use crate::domain::rotation::RotationRules;
use crate::domain::signing_key::KeyPurpose;
use crate::keys::{KeyError, Keys};

/// One pass over all purposes; `asked` hurries it.
pub(crate) async fn rotate(keys: &Keys, config: &AuthConfig, asked: bool) -> Result<(), KeyError> {
    for purpose in KeyPurpose::ALL {
        keys.rotate(purpose, &rules(config, purpose), asked).await?;
    }
    Ok(())
}

fn rules(config: &AuthConfig, purpose: KeyPurpose) -> RotationRules {
    let longest_life = match purpose {
        KeyPurpose::Access => config.lifetimes.access,
        KeyPurpose::Refresh => config.lifetimes.idle,
    };
    RotationRules { every: config.keys.every, published: config.keys.published, longest_life }
}
