//! Makes Rust types with canonical JSON from the contracts in `proto/`, and the JSON's schemas, without a `protoc`.

#[path = "build/schema.rs"]
mod schema;

use std::path::{Path, PathBuf};
use std::{env, fs};

use prost::Message;

const AREAS: [&str; 7] = ["auth", "tenancy", "chat", "council", "webhooks", "billing", "audit"];

fn main() -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    println!("cargo:rerun-if-changed={}", root.display());
    let files: Vec<PathBuf> =
        AREAS.iter().map(|area| root.join(format!("witan/{area}/v1/events.proto"))).collect();
    println!("cargo:rerun-if-changed=build");
    let descriptors = protox::compile(&files, [&root])?;
    let schemas = schema::schemas(&descriptors)?;
    fs::write(out()?.join("schemas.json"), schemas.to_string())?;
    pbjson_build::Builder::new()
        .register_descriptors(&descriptors.encode_to_vec())?
        // A newer producer must not break an older consumer.
        .ignore_unknown_fields()
        // A partner should not have to know what a missing `false` means.
        .emit_fields()
        .build(&[".witan"])?;
    prost_build::Config::new()
        .compile_well_known_types()
        .extern_path(".google.protobuf", "::pbjson_types")
        .compile_fds(descriptors)?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "it is how cargo says where to write")]
fn out() -> anyhow::Result<PathBuf> {
    Ok(env::var("OUT_DIR")?.into())
}
