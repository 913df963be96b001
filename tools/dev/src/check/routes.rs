//! The gateway's table against the services' own documents.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use crate::gateway::table::Table;
use crate::up::{documents, programs_dir};

pub(super) async fn check(checkout: &Path) -> Result<Vec<String>> {
    Ok(wrong(&Table::read(checkout)?, &documents(&programs_dir()?).await?))
}

fn wrong(table: &Table, documents: &BTreeMap<String, Value>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut used = vec![false; table.routes.len()];
    for (service, document) in documents {
        for path in document["paths"].as_object().into_iter().flatten().map(|(path, _)| path) {
            if path.starts_with("/internal") {
                wrong.push(format!("{service} documents {path} as public"));
            }
            match table.routes.iter().position(|route| route.covers(path)) {
                Some(index) => {
                    used[index] = true;
                    let to = &table.routes[index].service;
                    if to != service {
                        wrong.push(format!("{path} is {service}'s and goes to {to}"));
                    }
                }
                None => wrong
                    .push(format!("{path} of {service} is not routed: add it to deploy/gateway/routes.toml")),
            }
        }
    }
    for (route, used) in table.routes.iter().zip(used) {
        if !used {
            wrong.push(format!("{} is routed to {}, which has no such path", route.prefix, route.service));
        }
        if route.prefix.contains("/internal")
            || ["/", "/metrics", "/live", "/ready"].contains(&route.prefix.as_str())
        {
            wrong.push(format!("{} must not be reachable from outside", route.prefix));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table() -> Table {
        let text = "[[route]]\nprefix='/api/v1/auth'\nservice='auth'\n[[problem]]\nstatus=404\nfrom=[404]\ncode='a'\ndetail='d'";
        toml::from_str(text).unwrap()
    }

    fn found(service: &str, path: &str) -> Vec<String> {
        let document = json!({"paths": {path: {}, "/api/v1/auth": {}}});
        wrong(&table(), &BTreeMap::from([(service.to_owned(), document)]))
    }

    #[test]
    fn every_path_goes_to_its_service_and_nothing_internal_goes_out() {
        assert!(found("auth", "/api/v1/auth/me").is_empty());
        assert_eq!(found("auth", "/api/v1/sessions").len(), 1);
        assert_eq!(found("chat", "/api/v1/auth/me").len(), 2);
        assert_eq!(found("auth", "/internal/jwks").len(), 2);
    }
}
