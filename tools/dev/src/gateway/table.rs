use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use witan_web::codes::{self, Code};

/// The services that have a public API, in the order they are started and shown.
pub(crate) const SERVICES: [&str; 6] = ["auth", "tenancy", "chat", "council", "webhooks", "billing"];

/// `deploy/gateway/routes.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    #[serde(rename = "route")]
    pub(crate) routes: Vec<Route>,
    #[serde(rename = "problem")]
    pub(crate) problems: Vec<Problem>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    pub(crate) prefix: String,
    pub(crate) service: String,
    #[serde(default)]
    pub(crate) streaming: bool,
    pub(crate) timeout: Option<u16>,
    #[serde(default = "one_mebibyte")]
    pub(crate) body: String,
    #[serde(default)]
    pub(crate) limit: Limit,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Limit {
    #[default]
    Api,
    Auth,
}

/// An answer of the gateway itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) from: Vec<u16>,
    pub(crate) code: String,
    pub(crate) detail: String,
    #[serde(default)]
    pub(crate) retry: bool,
}

impl Problem {
    /// What the registry knows of it.
    pub(crate) fn registered(&self) -> Option<&'static Code> {
        codes::all().find(|code| code.code == self.code)
    }
}

fn one_mebibyte() -> String {
    "1m".to_owned()
}

impl Table {
    pub(crate) fn read(checkout: &Path) -> Result<Self> {
        let path = checkout.join("deploy/gateway/routes.toml");
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    fn parse(text: &str) -> Result<Self> {
        let table: Self = toml::from_str(text)?;
        for (place, route) in table.routes.iter().enumerate() {
            if !SERVICES.contains(&route.service.as_str()) {
                bail!("{} goes to {}, which is no service", route.prefix, route.service);
            }
            if !route.prefix.starts_with('/') || route.prefix.ends_with('/') {
                bail!("{:?} must begin with a slash and not end with one", route.prefix);
            }
            // The first that fits counts, so one below another has to stand before it.
            if let Some(other) = table.routes[..place].iter().find(|other| other.covers(&route.prefix)) {
                bail!("{} is already covered by {}", route.prefix, other.prefix);
            }
        }
        for problem in &table.problems {
            let code = problem.registered().with_context(|| format!("{} is no code", problem.code))?;
            if code.status != problem.status {
                bail!("{} is answered with {}, not with {}", code.code, code.status, problem.status);
            }
        }
        Ok(table)
    }
}

impl Route {
    /// Whether `path` is the prefix or below it; `/api/v1/author` is not below `/api/v1/auth`.
    pub(crate) fn covers(&self, path: &str) -> bool {
        path.strip_prefix(&self.prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    pub(crate) fn timeout(&self) -> u16 {
        self.timeout.unwrap_or(if self.streaming { 75 } else { 30 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROBLEM: &str = "[[problem]]\nstatus=404\nfrom=[404]\ncode='resource.not_found'\ndetail='d'\n";

    fn table(routes: &str) -> Result<Table> {
        Table::parse(&format!("{routes}\n{PROBLEM}"))
    }

    #[test]
    fn a_prefix_covers_itself_and_what_is_below_it_only() {
        let table = table("[[route]]\nprefix='/api/v1/auth'\nservice='auth'").unwrap();
        let covered =
            ["/api/v1/auth", "/api/v1/auth/me", "/api/v1/author"].map(|path| table.routes[0].covers(path));
        assert_eq!(covered, [true, true, false]);
    }

    #[test]
    fn refuses_a_route_that_another_hides() {
        let twice = "[[route]]\nprefix='/a'\nservice='auth'\n[[route]]\nprefix='/a/b'\nservice='chat'";
        assert!(table(twice).unwrap_err().to_string().contains("already covered"));
        let before = "[[route]]\nprefix='/a/b'\nservice='chat'\n[[route]]\nprefix='/a'\nservice='auth'";
        assert!(table(before).is_ok());
    }

    #[test]
    fn refuses_a_problem_that_the_registry_knows_otherwise_or_not_at_all() {
        let problem = |status: u16, code: &str| {
            let route = "[[route]]\nprefix='/a'\nservice='auth'";
            Table::parse(&format!(
                "{route}\n[[problem]]\nstatus={status}\nfrom=[{status}]\ncode='{code}'\ndetail='d'"
            ))
        };
        assert!(problem(404, "resource.not_found").is_ok());
        assert!(problem(400, "resource.not_found").is_err());
        assert!(problem(404, "resource.unheard_of").is_err());
    }

    #[test]
    fn refuses_an_unknown_service() {
        assert!(table("[[route]]\nprefix='/a'\nservice='mail'").is_err());
    }
}
