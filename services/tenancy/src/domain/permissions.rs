//! What a workspace's own role may allow.

use witan_access::{Permission, permission};

/// Permissions in the order of the catalogue, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Permissions(Vec<Permission>);

/// Why a text is no permission that a role may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PermissionError {
    #[error("there is no such permission")]
    Unknown,
    #[error("only the role ADMIN has it")]
    Reserved,
}

impl Permissions {
    /// The permissions of these names, or what is wrong with which of them.
    pub(crate) fn parse(names: &[String]) -> Result<Self, Vec<(usize, PermissionError)>> {
        let (mut found, mut wrong) = (Vec::new(), Vec::new());
        for (index, name) in names.iter().enumerate() {
            match permission::find(name) {
                None => wrong.push((index, PermissionError::Unknown)),
                Some(known) if !known.is_grantable() => wrong.push((index, PermissionError::Reserved)),
                Some(known) => found.push(known),
            }
        }
        let ordered = permission::ALL.iter().copied().filter(|known| found.contains(known));
        if wrong.is_empty() { Ok(Self(ordered.collect())) } else { Err(wrong) }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.0.iter().map(|permission| permission.as_str().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn each_is_there_once_and_in_its_place() {
        let parsed = Permissions::parse(&texts(&["chat:read", "members:read", "chat:read"])).unwrap();
        assert_eq!(parsed.names(), ["members:read", "chat:read"]);
    }

    #[test]
    fn every_wrong_one_is_named() {
        let parsed = Permissions::parse(&texts(&["chat:READ", "chat:read", "workspace:delete", ""]));
        let wrong =
            [(0, PermissionError::Unknown), (2, PermissionError::Reserved), (3, PermissionError::Unknown)];
        assert_eq!(parsed, Err(wrong.to_vec()));
    }
}
