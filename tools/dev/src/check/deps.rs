//! Services know crates, crates know crates, and nobody knows a service but those that run several.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use tokio::process::Command;

/// What may know services: they run several of them together.
const ABOVE_SERVICES: [&str; 2] = ["services/standalone", "tools/"];
const TESTKIT: &str = "witan-testkit";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: String,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

pub(super) async fn check(checkout: &Path) -> Result<Vec<String>> {
    let command = ["metadata", "--format-version=1", "--no-deps", "--offline"];
    let output = Command::new("cargo")
        .args(command)
        .current_dir(checkout)
        .output()
        .await
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(wrong(&serde_json::from_slice(&output.stdout)?))
}

fn wrong(metadata: &Metadata) -> Vec<String> {
    let place = |path: &str| {
        path.trim_start_matches(metadata.workspace_root.as_str()).trim_start_matches('/').to_owned()
    };
    let places: HashMap<&str, String> =
        metadata.packages.iter().map(|p| (p.name.as_str(), place(&p.manifest_path))).collect();
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let here = &places[package.name.as_str()];
        for dependency in package.dependencies.iter().filter(|d| d.path.is_some()) {
            let there = places.get(dependency.name.as_str()).map(String::as_str).unwrap_or_default();
            let (name, other) = (&package.name, &dependency.name);
            if there.starts_with("services/") && !ABOVE_SERVICES.iter().any(|above| here.starts_with(above)) {
                wrong.push(format!(
                    "{name} depends on the service {other}: services meet in events and internal HTTP only"
                ));
            }
            if there.starts_with("tools/") {
                wrong.push(format!("{name} depends on the tool {other}"));
            }
            if other == TESTKIT && !here.starts_with("tools/") && dependency.kind.as_deref() != Some("dev") {
                wrong.push(format!("{name} depends on {TESTKIT} outside of its tests"));
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, place: &str, on: &[(&str, Option<&str>)]) -> Package {
        Package {
            name: name.to_owned(),
            manifest_path: format!("/w/{place}/Cargo.toml"),
            dependencies: on
                .iter()
                .map(|(name, kind)| Dependency {
                    name: (*name).to_owned(),
                    kind: kind.map(str::to_owned),
                    path: Some(String::new()),
                })
                .collect(),
        }
    }

    fn count(packages: Vec<Package>) -> usize {
        wrong(&Metadata { packages, workspace_root: "/w".to_owned() }).len()
    }

    #[test]
    fn a_service_may_not_know_another_nor_a_crate_a_service_also_not_in_tests() {
        let auth = || package("witan-auth", "services/auth", &[]);
        assert_eq!(count(vec![auth(), package("witan-chat", "services/chat", &[("witan-auth", None)])]), 1);
        assert_eq!(
            count(vec![auth(), package("witan-chat", "services/chat", &[("witan-auth", Some("dev"))])]),
            1
        );
        assert_eq!(count(vec![auth(), package("witan-web", "crates/web", &[("witan-auth", None)])]), 1);
        assert_eq!(
            count(vec![auth(), package("witan-all", "services/standalone", &[("witan-auth", None)])]),
            0
        );
    }

    #[test]
    fn the_testkit_is_for_tests() {
        let testkit = || package(TESTKIT, "crates/testkit", &[]);
        assert_eq!(
            count(vec![testkit(), package("witan-chat", "services/chat", &[(TESTKIT, Some("dev"))])]),
            0
        );
        assert_eq!(count(vec![testkit(), package("witan-chat", "services/chat", &[(TESTKIT, None)])]), 1);
    }
}
