//! The files the gateway serves by itself: the merged API document, a page that shows it
//! and one that explains the problems. Everything on the pages comes from this folder, nothing from the internet.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use serde_json::Value;
use utoipa_swagger_ui::Config;

use super::problems;

const DOCUMENT: &str = "/api/v1/openapi.json";
const PAGE: [&str; 7] = [
    "index.html",
    "index.css",
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-initializer.js",
    "favicon-32x32.png",
];

pub(crate) fn write(site: &Path, document: &Value) -> Result<()> {
    let target = site.join(DOCUMENT.trim_start_matches('/'));
    fs::create_dir_all(target.parent().unwrap_or(site))?;
    fs::write(&target, serde_json::to_vec_pretty(document)?).with_context(|| target.display().to_string())?;
    let docs = site.join("docs");
    fs::create_dir_all(&docs)?;
    let config = Arc::new(Config::from(DOCUMENT).try_it_out_enabled(true).persist_authorization(true));
    for name in PAGE {
        let file = utoipa_swagger_ui::serve(name, Arc::clone(&config))
            .map_err(|e| anyhow!("cannot unpack {name} of Swagger UI: {e}"))?
            .with_context(|| format!("Swagger UI has no {name}"))?;
        fs::write(docs.join(name), file.bytes)?;
    }
    fs::write(site.join(problems::PAGE), problems::page()?)?;
    Ok(())
}
